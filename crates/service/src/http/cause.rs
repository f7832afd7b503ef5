use axum::http::HeaderMap;
use pipeline::meta::header;
use pipeline::{Cause, TraceContext};

/// A request as the cause of events: its trace goes on in them.
pub fn cause(headers: &HeaderMap) -> Cause {
    Cause { trace: came_with(headers), ..Cause::default() }
}

/// The trace that the headers name, unless they are malformed.
pub(super) fn came_with(headers: &HeaderMap) -> Option<TraceContext> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    TraceContext::parse(text(header::TRACEPARENT)?, text(header::TRACESTATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_goes_on_unless_it_is_malformed() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value.parse().unwrap());
            cause(&headers).trace.map(|trace| trace.traceparent().to_owned())
        };
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(with(good).as_deref(), Some(good));
        assert_eq!(with("00-xyz"), None);
    }
}
