//! What is recorded at all: every span of ours, and the events that the log filter names.
//!
//! One filter for all layers, not one for each: a library that only asks whether a level is
//! enabled leaves the answer behind in a layer's own filter, and the next event is lost by it
//! (tokio-rs/tracing 2519).

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::{EnvFilter, Layer};

/// Spans pass whatever level is logged: traces, and the ids in the lines, do not depend on it.
pub(super) struct Pass(pub(super) EnvFilter);

/// Every span of this workspace is at this level; libraries' own are below it.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= Level::INFO
}

impl<S: Subscriber> Layer<S> for Pass {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let lines = Layer::<S>::register_callsite(&self.0, metadata);
        if is_ours(metadata) { Interest::always() } else { lines }
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        is_ours(metadata) || Layer::<S>::enabled(&self.0, metadata, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Layer::<S>::max_level_hint(&self.0).map(|lines| lines.max(LevelFilter::INFO))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        Layer::<S>::on_new_span(&self.0, attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        Layer::<S>::on_record(&self.0, id, values, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        Layer::<S>::on_enter(&self.0, id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        Layer::<S>::on_exit(&self.0, id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        Layer::<S>::on_close(&self.0, id, context);
    }
}
