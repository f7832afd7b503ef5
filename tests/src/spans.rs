//! The spans of one trace as a tree.

use shop_testkit::otlp::Span;

/// The tree under a span that was given from outside: a line a span, two more blanks a level, the
/// children in the order of their names.
pub fn tree(spans: &[Span], trace: &str, root: &str) -> String {
    let own: Vec<&Span> = spans.iter().filter(|span| span.text("traceId") == trace).collect();
    let mut text = String::new();
    grow(&own, root, 0, &mut text);
    text
}

fn grow(spans: &[&Span], parent: &str, depth: usize, text: &mut String) {
    let mut children: Vec<(String, &str)> = spans
        .iter()
        .filter(|span| span.text("parentSpanId") == parent)
        .map(|span| (line(span), span.text("spanId")))
        .collect();
    children.sort();
    for (line, id) in children {
        text.push_str(&format!("{:depth$}{line}\n", ""));
        grow(spans, id, depth + 2, text);
    }
}

fn line(span: &Span) -> String {
    let mut line = format!("{} {}", span.kind(), span.text("name"));
    let event = span.attribute("cloudevents.event_type");
    if let Some(event) = event.rsplit('.').next().filter(|event| !event.is_empty()) {
        let group = span.attribute("messaging.consumer.group.name");
        line.push_str(&format!(": group {group}, {event}"));
    }
    if span.failed() {
        line.push_str(" FAILED");
    }
    line
}
