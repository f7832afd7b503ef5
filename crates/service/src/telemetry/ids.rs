//! A span's place in its trace, kept beside the span for the log's lines.

use pipeline::TraceContext;
use tracing::{Dispatch, Id, Span};
use tracing_subscriber::registry::{LookupSpan, Registry, Scope};

struct Ids(TraceContext);

/// Keeps the context with the span.
pub(super) fn keep(span: &Span, context: &TraceContext) {
    span.with_subscriber(|(id, dispatch): (&Id, &Dispatch)| {
        if let Some(span) = dispatch.downcast_ref::<Registry>().and_then(|r| r.span(id)) {
            span.extensions_mut().replace(Ids(context.clone()));
        }
    });
}

/// The context of the innermost span that has one.
pub(super) fn of<'a, S: LookupSpan<'a>>(scope: Option<Scope<'a, S>>) -> Option<TraceContext> {
    scope?.find_map(|span| span.extensions().get::<Ids>().map(|ids| ids.0.clone()))
}
