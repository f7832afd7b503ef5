//! One trace over many processes: a span of this one is the child of what a record's headers say,
//! and what is emitted within it names that span as its own parent.
//!
//! This crate makes spans with `tracing` alone; what they become is the matter of a [`Tracer`].

mod context;
mod spans;

use std::sync::Arc;

use tracing::Span;

pub use context::TraceContext;
pub(crate) use spans::{Handling, ended};

/// Joins spans of this process to traces that began elsewhere.
///
/// Where a [`Runtime`](crate::Runtime) has none there are no spans, and a record's context is
/// carried on as it came.
pub trait Tracer: Send + Sync + 'static {
    /// Makes `span`, which has just been made, a child of what came. Says which context goes on to
    /// whatever is caused within the span.
    fn join(&self, span: &Span, came: Option<&TraceContext>) -> Option<TraceContext>;
}

/// The process's tracer, if it has one.
#[derive(Clone, Default)]
pub(crate) struct Traces(pub(crate) Option<Arc<dyn Tracer>>);
