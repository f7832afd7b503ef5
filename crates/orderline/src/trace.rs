//! `orderline trace`: one order's records across all topics.

use std::collections::BTreeSet;

use anyhow::bail;
use clap::Args;
use pipeline::Schemas;
use pipeline::meta::header;
use rdkafka::message::{Headers, Message};
use serde::Serialize;
use serde_json::Value;
use shop_service::Cluster;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::scan::{self, Found, Places};
use crate::{publish, table::Table};

/// Show an order's records across all topics, dead letters too, in order of time.
///
/// Reads every declared topic from its beginning.
#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// The order's id.
    order: Uuid,
    #[command(flatten)]
    cluster: Cluster,
    /// Print as JSON, each record with all its fields.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    time: String,
    topic: String,
    partition: i32,
    offset: i64,
    #[serde(rename = "type")]
    kind: String,
    id: String,
    key: String,
    /// The decoded record; null where it cannot be decoded.
    record: Value,
    /// Why a dead letter is one, or a record cannot be decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What tells a person most of a record; the rest is in the JSON.
const FACTS: [&str; 12] = [
    "total",
    "currency",
    "reason",
    "detail",
    "product_id",
    "cause",
    "available",
    "reserved",
    "sold",
    "template",
    "recipient",
    "order_ref",
];

pub(crate) async fn run(trace: Trace) -> anyhow::Result<()> {
    let schemas = publish::schemas(&trace.cluster).await?;
    let mut found = records(&trace).await?;
    if found.is_empty() {
        bail!("no record of order {} on any topic: is the id right?", trace.order);
    }
    found.sort_by(|a, b| (time(a), &a.topic, a.offset).cmp(&(time(b), &b.topic, b.offset)));
    let mut lines = Vec::new();
    for record in found {
        lines.push(line(record, &schemas).await);
    }
    if trace.json {
        crate::out::json(&lines)?;
        return Ok(());
    }
    let mut table = Table::new(&["time", "topic[partition]@offset", "type", "id", "facts"]);
    for line in &lines {
        table.row([
            line.time.clone(),
            format!("{}[{}]@{}", line.topic, line.partition, line.offset),
            line.kind.rsplit('.').next().unwrap_or_default().to_owned(),
            line.id.clone(),
            facts(line),
        ]);
    }
    crate::out::text(&table);
    Ok(())
}

/// The order's story is read first: it names the correlation that the other records share.
async fn records(trace: &Trace) -> anyhow::Result<Vec<Found>> {
    let order = trace.order.to_string();
    let key = order.clone();
    let story = scan::read(&trace.cluster, &["orders"], Places::new(), move |message| {
        message.key() == Some(key.as_bytes())
    });
    let mut stories: BTreeSet<String> =
        story.await?.iter().filter_map(|r| r.headers.get(header::CORRELATION).cloned()).collect();
    stories.insert(order.clone());

    let declared = shop_events::declared();
    let topics: Vec<&str> = declared.iter().map(|topic| topic.name.as_str()).collect();
    let read = scan::read(&trace.cluster, &topics, Places::new(), move |message| {
        // Ids are text in Avro too, so the bytes tell without decoding.
        let named =
            |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| holds(bytes, order.as_bytes()));
        let same_story =
            message.headers().into_iter().flat_map(|headers| headers.iter()).any(|header| {
                header.key == header::CORRELATION
                    && header
                        .value
                        .is_some_and(|value| stories.iter().any(|s| s.as_bytes() == value))
            });
        same_story || named(message.key()) || named(message.payload())
    });
    read.await
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// When the event was decided; the broker's time where the record does not say.
fn time(record: &Found) -> String {
    let said = record.headers.get(header::TIME);
    let parsed = said.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    let micros =
        parsed.map_or(i128::from(record.millis) * 1_000, |t| t.unix_timestamp_nanos() / 1_000);
    let at = OffsetDateTime::from_unix_timestamp_nanos(micros * 1_000).ok();
    at.map_or_else(String::new, |t| {
        let (date, clock) = (t.date(), t.time());
        format!(
            "{date}T{:02}:{:02}:{:02}.{:06}Z",
            clock.hour(),
            clock.minute(),
            clock.second(),
            clock.microsecond()
        )
    })
}

async fn line(record: Found, schemas: &Schemas) -> Line {
    let header = |name: &str| record.headers.get(name).cloned();
    let (kind, value, wrong) = match record.decode::<Value>(schemas).await {
        Ok((kind, value)) => (kind, value, None),
        Err(error) => {
            (header(header::TYPE).unwrap_or("?".into()), Value::Null, Some(error.to_string()))
        }
    };
    Line {
        time: time(&record),
        kind,
        id: header(header::ID).unwrap_or_default(),
        reason: header(pipeline::dead_letter::header::REASON).or(wrong),
        topic: record.topic,
        partition: record.partition,
        offset: record.offset,
        key: record.key,
        record: value,
    }
}

fn facts(line: &Line) -> String {
    let value = |name: &&str| match line.record.get(*name)? {
        Value::Null => None,
        Value::String(text) => Some(format!("{name}={text}")),
        other => Some(format!("{name}={other}")),
    };
    let mut facts: Vec<String> = FACTS.iter().filter_map(value).collect();
    facts.extend(line.reason.iter().map(|reason| format!("because {reason}")));
    facts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn an_id_is_found_anywhere_in_the_bytes() {
        assert!(holds(b"\x00\x00abc", b"abc") && !holds(b"ab", b"abc"));
    }
}
