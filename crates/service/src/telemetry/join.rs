//! Joins this process's spans to the traces of others.

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use pipeline::{TraceContext, Tracer};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::ids;

/// The tracer of every process. Where traces are exported, a span has a place of its own. Where
/// they are not, what came goes on as it came, so that nobody's parent is a span that nobody sees;
/// and where nothing came, a trace is made, so that lines and topics can be joined by its id.
pub(crate) struct Join;

impl Tracer for Join {
    fn join(&self, span: &Span, came: Option<&TraceContext>) -> Option<TraceContext> {
        if let Some(remote) = came.and_then(remote) {
            // Fails where nothing is exported; then there is no parent to set.
            let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(remote));
        }
        let own = local(span.context().span().span_context());
        let goes_on = own.or_else(|| came.cloned()).or_else(made);
        if let Some(context) = &goes_on {
            ids::keep(span, context);
        }
        goes_on
    }
}

fn remote(context: &TraceContext) -> Option<SpanContext> {
    let flags = u8::from_str_radix(context.traceparent().get(53..55)?, 16).ok()?;
    Some(SpanContext::new(
        TraceId::from_hex(context.trace_id()).ok()?,
        SpanId::from_hex(context.span_id()).ok()?,
        TraceFlags::new(flags),
        true,
        context.tracestate().and_then(|state| state.parse().ok()).unwrap_or_default(),
    ))
}

fn local(context: &SpanContext) -> Option<TraceContext> {
    let flags = context.trace_flags().to_u8();
    let text = format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id());
    TraceContext::parse(&text, Some(&context.trace_state().header()))
}

/// Not sampled: nobody here has recorded it.
fn made() -> Option<TraceContext> {
    let ids = RandomIdGenerator::default();
    let (trace, span) = (ids.new_trace_id(), ids.new_span_id());
    local(&SpanContext::new(trace, span, TraceFlags::NOT_SAMPLED, false, TraceState::NONE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
    use tracing::Subscriber;
    use tracing_subscriber::layer::SubscriberExt;

    const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const NOT_SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    fn joined(subscriber: impl Subscriber + Send + Sync, came: Option<&str>) -> TraceContext {
        let came = came.map(|text| TraceContext::parse(text, Some("shop=1")).unwrap());
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!(parent: None, "request");
            Join.join(&span, came.as_ref()).unwrap()
        })
    }

    fn exporting() -> impl Subscriber + Send + Sync {
        let sampler = Sampler::ParentBased(Box::new(Sampler::AlwaysOn));
        let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        tracing_subscriber::registry().with(layer)
    }

    #[test]
    fn where_traces_are_exported_a_span_is_the_child_of_what_came() {
        let context = joined(exporting(), Some(SAMPLED));
        assert_eq!(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_ne!(context.span_id(), "b7ad6b7169203331");
        assert!(context.traceparent().ends_with("-01"));
        assert_eq!(context.tracestate(), Some("shop=1"));
    }

    #[test]
    fn what_is_not_sampled_goes_on_as_not_sampled() {
        let context = joined(exporting(), Some(NOT_SAMPLED));
        assert_eq!(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert!(context.traceparent().ends_with("-00"), "{context:?}");
    }

    #[test]
    fn where_nothing_is_exported_what_came_goes_on_as_it_came() {
        let context = joined(tracing_subscriber::registry(), Some(SAMPLED));
        assert_eq!((context.traceparent(), context.tracestate()), (SAMPLED, Some("shop=1")));
    }

    #[test]
    fn where_nothing_came_a_trace_is_made() {
        let (a, b) = (joined(exporting(), None), joined(exporting(), None));
        assert!(a.traceparent().ends_with("-01") && a.trace_id() != b.trace_id());
        let made = joined(tracing_subscriber::registry(), None);
        assert!(made.traceparent().ends_with("-00"), "{made:?}");
    }
}
