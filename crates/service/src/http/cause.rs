use axum::http::HeaderMap;
use pipeline::Cause;
use pipeline::meta::header;

/// A request as the cause of events: the caller's trace goes on in them. A `traceparent` that does
/// not have the form W3C gives it is left out.
pub fn cause(headers: &HeaderMap) -> Cause {
    let traceparent = headers
        .get(header::TRACEPARENT)
        .and_then(|value| value.to_str().ok())
        .filter(|value| is_traceparent(value))
        .map(str::to_owned);
    Cause { traceparent, ..Cause::default() }
}

fn is_traceparent(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [2, 32, 16, 2] && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_goes_on_unless_it_is_malformed() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value.parse().unwrap());
            cause(&headers).traceparent
        };
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(with(good).as_deref(), Some(good));
        assert_eq!(with("00-xyz"), None);
    }
}
