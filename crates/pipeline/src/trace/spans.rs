//! The spans that there are, with the attributes of OpenTelemetry's conventions for messaging.
//! Their target is `pipeline::trace` alone, so that a filter can tell them from everything else.

use tracing::Span;
use tracing::field::Empty;

use super::Traces;
use crate::engine::{Outcome, Rejection, Work};
use crate::meta::{Cause, Meta};

/// One try at one record.
pub(crate) struct Handling {
    /// Disabled where there is no tracer.
    pub(crate) span: Span,
    /// Of what the handler emits.
    pub(crate) cause: Cause,
}

impl Traces {
    /// A consumer span per try, from the decoded record to the handler's end. In a transaction of
    /// many records it ends before the common commit does.
    pub(crate) fn handling(&self, group: &str, kind: &str, meta: &Meta, tries: u32) -> Handling {
        let mut cause = meta.cause();
        let Some(tracer) = &self.0 else { return Handling { span: Span::none(), cause } };
        let span = tracing::info_span!(
            target: "pipeline::trace",
            parent: None,
            "process",
            otel.name = format!("process {}", meta.topic),
            otel.kind = "consumer",
            otel.status_code = Empty,
            otel.status_description = Empty,
            error.type = Empty,
            messaging.system = "kafka",
            messaging.operation.name = "process",
            messaging.operation.type = "process",
            messaging.destination.name = meta.topic,
            messaging.destination.partition.id = %meta.partition,
            messaging.kafka.offset = meta.offset,
            messaging.kafka.message.key = meta.key,
            messaging.consumer.group.name = group,
            messaging.message.id = meta.event_id,
            messaging.message.conversation_id = meta.correlation,
            cloudevents.event_type = kind,
            pipeline.try = tries + 1,
            pipeline.outcome = Empty,
            pipeline.in_doubt = Empty,
        );
        cause.trace = tracer.join(&span, meta.trace.as_ref());
        Handling { span, cause }
    }

    /// A producer span for what goes to the dead letters, beside the tries that failed.
    pub(crate) fn dead_letter(&self, topic: &str, work: &Work, rejection: &Rejection) -> Span {
        let Some(tracer) = &self.0 else { return Span::none() };
        let meta = work.record.meta();
        let span = tracing::info_span!(
            target: "pipeline::trace",
            parent: None,
            "dead-letter",
            otel.name = format!("send {topic}"),
            otel.kind = "producer",
            otel.status_code = "ERROR",
            otel.status_description = %rejection.reason,
            error.type = rejection.class,
            messaging.system = "kafka",
            messaging.operation.name = "send",
            messaging.operation.type = "send",
            messaging.destination.name = topic,
            messaging.kafka.message.key = meta.key,
            messaging.message.id = meta.event_id,
            pipeline.tries = work.tries.max(1),
        );
        tracer.join(&span, meta.trace.as_ref());
        span
    }
}

/// Says in the span how the try ended.
pub(crate) fn ended(span: &Span, outcome: &Outcome) {
    if span.is_disabled() {
        return;
    }
    let (name, reason) = match outcome {
        Outcome::Done => ("done", None),
        Outcome::Duplicate => ("duplicate", None),
        Outcome::Retry(reason, _) => ("retry", Some(reason)),
        Outcome::Reject(rejection) => (rejection.class, Some(&rejection.reason)),
        Outcome::Unavailable(reason) => ("unavailable", Some(reason)),
        Outcome::Deferred => ("deferred", None),
    };
    span.record("pipeline.outcome", name);
    if let Some(reason) = reason {
        span.record("error.type", name);
        span.record("otel.status_code", "ERROR");
        span.record("otel.status_description", reason.as_ref());
    }
}
