//! The form of a log line. Of the spans around it a line has the ids alone: what is in them is in
//! the trace.

use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::ids;

/// For people.
pub(super) struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (level, target) = (event.metadata().level(), event.metadata().target());
        SystemTime.format_time(&mut writer)?;
        let colour = match *level {
            _ if !writer.has_ansi_escapes() => None,
            tracing::Level::ERROR => Some(31),
            tracing::Level::WARN => Some(33),
            _ => Some(32),
        };
        match colour {
            Some(colour) => write!(writer, " \x1b[{colour}m{level:>5}\x1b[0m {target}: ")?,
            None => write!(writer, " {level:>5} {target}: ")?,
        }
        context.format_fields(writer.by_ref(), event)?;
        if let Some(trace) = ids::of(context.event_scope()) {
            write!(writer, " trace_id={}", trace.trace_id())?;
        }
        writeln!(writer)
    }
}

/// One object a line: `timestamp`, `level`, `service.name`, `target`, `message`, the line's own
/// fields, `trace_id` and `span_id`.
pub(super) struct Json {
    pub(super) service: String,
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        let head = [
            ("timestamp", time.into()),
            ("level", event.metadata().level().as_str().into()),
            ("service.name", self.service.as_str().into()),
            ("target", event.metadata().target().into()),
            ("message", Value::String(fields.message)),
        ];
        let trace = ids::of(context.event_scope());
        let ids = trace.iter().flat_map(|trace| {
            [("trace_id", trace.trace_id().into()), ("span_id", trace.span_id().into())]
        });
        let mut separator = '{';
        for (name, value) in head.into_iter().chain(fields.others).chain(ids) {
            write!(writer, "{separator}{}:{value}", Value::from(name))?;
            separator = ',';
        }
        writeln!(writer, "}}")
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        self.others.push((field.name(), value));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            _ => self.add(field, format!("{value:?}").into()),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = value.to_owned(),
            _ => self.add(field, value.into()),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    use pipeline::{TraceContext, Tracer};
    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Written {
        type Writer = Written;
        fn make_writer(&self) -> Written {
            self.clone()
        }
    }

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn line<F>(format: F) -> String
    where
        F: for<'a> FormatEvent<
                tracing_subscriber::Registry,
                tracing_subscriber::fmt::format::DefaultFields,
            > + Send
            + Sync
            + 'static,
    {
        let written = Written::default();
        let lines = tracing_subscriber::fmt::layer().with_writer(written.clone()).with_ansi(false);
        let subscriber = tracing_subscriber::registry().with(lines.event_format(format));
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", secret.of.the.span = 1);
            super::super::Join.join(&span, TraceContext::parse(TRACE, None).as_ref());
            let _inside = span.enter();
            tracing::info_span!("inner").in_scope(|| {
                tracing::warn!(order.id = %7, tries = 2, "came \"too\" late\nreally");
            });
        });
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_line_for_people_begins_with_its_message_and_ends_with_its_trace() {
        let line = line(Text);
        let rest = line.split_once("WARN shop_service::telemetry::lines::tests: came").unwrap().1;
        assert!(rest.contains(" order.id=7 tries=2"), "{line}");
        assert!(rest.ends_with(" trace_id=0af7651916cd43dd8448eb211c80319c\n"), "{line}");
        assert!(!line.contains("secret"), "{line}");
    }

    #[test]
    fn a_line_as_json_is_one_object_with_dotted_fields() {
        let line = line(Json { service: "order".into() });
        assert_eq!(line.lines().count(), 1, "{line}");
        let json: Value = serde_json::from_str(&line).unwrap();
        for (name, is) in [
            ("level", "WARN"),
            ("service.name", "order"),
            ("message", "came \"too\" late\nreally"),
            ("order.id", "7"),
            ("trace_id", "0af7651916cd43dd8448eb211c80319c"),
            ("span_id", "b7ad6b7169203331"),
        ] {
            assert_eq!(json[name], is, "{line}");
        }
        assert_eq!(json["tries"], 2);
        assert!(json["timestamp"].as_str().unwrap().ends_with('Z'));
    }
}
