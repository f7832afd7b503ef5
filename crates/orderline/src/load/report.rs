//! What a run is told by: the JSON, whose names stay and carry their units.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::lags::Sample;
use super::latency::{MAIN, Percentiles, STAGES};
use super::ledger::{Entry, Ledger, Stage};
use super::refusal::Counted;
use super::send::By;
use super::series::Series;
use super::shape::Shape;

/// How many ids of orders that did not end are named.
const EXAMPLES: usize = 5;

/// What was asked for.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Parameters {
    pub(super) by: By,
    pub(super) orders: usize,
    /// `open`: orders are due at the rate; `closed`: the next one when one is answered.
    #[serde(rename = "loop")]
    pub(super) kind: &'static str,
    /// Null in a closed loop.
    pub(super) rate_orders_per_second: Option<f64>,
    pub(super) concurrency: usize,
    #[serde(flatten)]
    pub(super) shape: Shape,
    pub(super) restock_pieces_per_product: i64,
    pub(super) patience_seconds: u64,
    /// Null where orders go by topic.
    pub(super) order_service: Option<String>,
    pub(super) brokers: String,
}

/// On what it ran.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Setting {
    /// As `--label` says.
    pub(super) label: Option<String>,
    pub(super) broker_nodes: usize,
    /// Copies of the topic `orders`.
    pub(super) replication: i32,
    pub(super) orders_partitions: i32,
    /// Of the machine that this command ran on.
    pub(super) cores: usize,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Versions {
    pub(super) orderline: &'static str,
    /// `release` or `debug`: of this command; the services may be built otherwise.
    pub(super) build: &'static str,
    pub(super) librdkafka: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Counts {
    pub(super) sent: u64,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    /// Tries without an answer that were made again, with the same key.
    pub(super) tried_again: u64,
    pub(super) completed: u64,
    pub(super) rejected: u64,
    pub(super) cancelled: u64,
    pub(super) mails_sent: u64,
    pub(super) mails_failed: u64,
    /// Accepted, and without an end or without word of the mail when patience was at its end.
    pub(super) unfinished: u64,
}

/// From the start of the run to the last one of each kind.
#[derive(Debug, Serialize)]
pub(super) struct Throughput {
    pub(super) accepted_per_second: f64,
    pub(super) completed_per_second: f64,
    pub(super) mailed_per_second: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct LagSeries {
    pub(super) max_total_records: i64,
    /// Times the broker did not tell.
    pub(super) failed_samples: u64,
    pub(super) samples: Vec<Sample>,
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Of this form of report; a change that breaks its readers gets another number.
    pub(super) format: &'static str,
    /// RFC 3339.
    pub(super) started_at: String,
    pub(super) duration_seconds: f64,
    /// When the last order was sent.
    pub(super) sending_seconds: f64,
    /// Stopped by hand before its end.
    pub(super) interrupted: bool,
    pub(super) parameters: Parameters,
    pub(super) setting: Setting,
    pub(super) versions: Versions,
    pub(super) counts: Counts,
    pub(super) refusals: Vec<Counted>,
    pub(super) unfinished_examples: Vec<Uuid>,
    pub(super) throughput: Throughput,
    pub(super) latency_ms: BTreeMap<&'static str, Percentiles>,
    pub(super) stages_ms: BTreeMap<&'static str, Percentiles>,
    pub(super) lag: LagSeries,
    pub(super) series: Series,
}

/// What is not told by the ledger.
pub(super) struct Run {
    pub(super) started_at: String,
    /// Microseconds since the start.
    pub(super) ended: i64,
    pub(super) interrupted: bool,
    pub(super) parameters: Parameters,
    pub(super) setting: Setting,
    pub(super) versions: Versions,
    pub(super) lags: (Vec<Sample>, u64),
}

impl Report {
    pub(super) fn new(ledger: &Ledger, run: Run) -> Self {
        let entries = &ledger.entries;
        let (samples, failed_samples) = run.lags;
        let open: Vec<&Entry> = entries.iter().filter(|entry| entry.open()).collect();
        let spans = |spans: &[super::latency::Span]| {
            spans.iter().map(|span| (span.name, span.of(entries))).collect()
        };
        Report {
            format: "orderline-load/1",
            started_at: run.started_at,
            duration_seconds: run.ended as f64 / 1e6,
            sending_seconds: entries.iter().map(|e| e.sent).max().unwrap_or(0) as f64 / 1e6,
            interrupted: run.interrupted,
            parameters: run.parameters,
            setting: run.setting,
            versions: run.versions,
            counts: counts(ledger, open.len() as u64),
            refusals: ledger.refusals.counted(),
            unfinished_examples: open.iter().filter_map(|e| e.order_id).take(EXAMPLES).collect(),
            throughput: Throughput {
                accepted_per_second: rate(entries, |entry| entry.accepted),
                completed_per_second: rate(entries, Entry::completed),
                mailed_per_second: rate(entries, Entry::mailed),
            },
            latency_ms: spans(&MAIN),
            stages_ms: spans(&STAGES),
            lag: LagSeries {
                max_total_records: samples.iter().map(|sample| sample.total).max().unwrap_or(0),
                failed_samples,
                samples,
            },
            series: Series::of(entries, run.ended),
        }
    }

    /// Whether every order was accepted, ended, and its customer's mail was sent or given up.
    pub(super) fn is_whole(&self) -> bool {
        let Counts { accepted, unfinished, .. } = self.counts;
        !self.interrupted && unfinished == 0 && accepted == self.parameters.orders as u64
    }
}

fn counts(ledger: &Ledger, unfinished: u64) -> Counts {
    let progress = ledger.progress();
    let ends =
        |stage| ledger.entries.iter().filter(|e| e.end.is_some_and(|e| e.0 == stage)).count();
    let mails =
        |stage| ledger.entries.iter().filter(|e| e.mail.is_some_and(|m| m.0 == stage)).count();
    Counts {
        sent: progress.sent,
        accepted: progress.accepted,
        refused: progress.answered - progress.accepted,
        tried_again: ledger.tried_again,
        completed: ends(Stage::Completed) as u64,
        rejected: ends(Stage::Rejected) as u64,
        cancelled: ends(Stage::Cancelled) as u64,
        mails_sent: mails(Stage::MailSent) as u64,
        mails_failed: mails(Stage::MailFailed) as u64,
        unfinished,
    }
}

/// A second, from the start to the last.
fn rate(entries: &[Entry], when: impl Fn(&Entry) -> Option<i64>) -> f64 {
    let (count, last) =
        entries.iter().filter_map(when).fold((0_u64, 0), |(n, last), at| (n + 1, at.max(last)));
    if last == 0 { 0.0 } else { (count as f64 / (last as f64 / 1e6) * 10.0).round() / 10.0 }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::load::ledger::Seen;
    use crate::load::refusal::Refusal;

    /// A hundred orders at 50/s, of which the last never ends; and one that is refused.
    pub(in crate::load) fn report() -> Report {
        let mut ledger = Ledger::default();
        for n in 0..100 {
            let (due, order_id) = (n * 20_000, Uuid::from_u128(n as u128 + 1));
            let place = ledger.sent(due, due + 1_000, None);
            ledger.accepted(place, Some(order_id), due + 5_000);
            let stages = [Stage::Placed, Stage::Reserved, Stage::Completed, Stage::MailSent];
            for (i, stage) in stages.into_iter().enumerate().filter(|_| n < 99) {
                let at = due + 5_000 + (i as i64 + 1) * (10_000 + n * 100);
                ledger.seen(Seen { order_id, story: order_id, stage, at });
            }
        }
        ledger.sent(2_000_000, 2_000_000, None);
        ledger.refused(Refusal { status: Some(503), reason: "too busy".into() });
        let sample = |n: i64| Sample {
            at: n * 500_000,
            total: n * 30,
            groups: [("order".to_owned(), n * 10), ("email".to_owned(), n * 20)].into(),
        };
        let run = Run {
            started_at: "2026-01-02T03:04:05Z".into(),
            ended: 3_000_000,
            interrupted: false,
            parameters: Parameters {
                by: By::Http,
                orders: 101,
                kind: "open",
                rate_orders_per_second: Some(50.0),
                concurrency: 8,
                shape: Shape { seed: 1, users: 10, products: 3, lines: 2 },
                restock_pieces_per_product: 303,
                patience_seconds: 60,
                order_service: Some("http://127.0.0.1:8101/".into()),
                brokers: "127.0.0.1:9092".into(),
            },
            setting: Setting {
                label: Some("Apache Kafka <4.3.1>".into()),
                broker_nodes: 1,
                replication: 1,
                orders_partitions: 6,
                cores: 2,
            },
            versions: Versions {
                orderline: "0.1.0",
                build: "release",
                librdkafka: "2.12.1".into(),
            },
            lags: ((0..7).map(sample).collect(), 0),
        };
        Report::new(&ledger, run)
    }

    #[test]
    fn the_report_counts_each_order_once() {
        let counts = serde_json::to_value(report()).unwrap()["counts"].take();
        for (name, count) in [
            ("sent", 101),
            ("accepted", 100),
            ("refused", 1),
            ("completed", 99),
            ("rejected", 0),
            ("mails_sent", 99),
            ("unfinished", 1),
        ] {
            assert_eq!(counts[name], count, "{name}");
        }
    }

    #[test]
    fn names_carry_their_units_and_stay() {
        let json = serde_json::to_value(report()).unwrap();
        let at = |path: &str| json.pointer(path).cloned().unwrap_or_default();
        assert_eq!(at("/format"), "orderline-load/1");
        assert_eq!(at("/parameters/by"), "http");
        assert_eq!(at("/parameters/loop"), "open");
        assert_eq!(at("/parameters/rate_orders_per_second"), 50.0);
        assert_eq!(at("/parameters/seed"), 1);
        assert_eq!(
            at("/refusals/0"),
            serde_json::json!({"status": 503, "reason": "too busy", "orders": 1})
        );
        assert_eq!(at("/unfinished_examples/0"), Uuid::from_u128(100).to_string());
        let accepted = at("/latency_ms/due_to_accepted/p50").as_f64();
        assert!(accepted.is_some_and(|ms| (ms - 5.0).abs() < 0.01), "{accepted:?}");
        assert_eq!(at("/latency_ms/accepted_to_completed/count"), 99);
        assert!(
            at("/latency_ms/accepted_to_mail/p99").as_f64()
                > at("/latency_ms/accepted_to_mail/p50").as_f64()
        );
        assert_eq!(at("/stages_ms/due_to_sent/max"), 1.0);
        assert_eq!(at("/throughput/accepted_per_second"), 50.4);
        assert_eq!(at("/lag/max_total_records"), 180);
        assert_eq!(at("/lag/samples/1/at_seconds"), 0.5);
        assert_eq!(at("/lag/samples/1/by_group_records/email"), 20);
        assert_eq!(at("/series/part_seconds"), 0.25);
        assert_eq!(at("/series/parts").as_array().map(Vec::len), Some(12));
    }

    #[test]
    fn a_run_is_whole_only_when_every_order_was_accepted_and_ended() {
        assert!(!report().is_whole());
        let mut whole = report();
        (whole.counts.unfinished, whole.parameters.orders) = (0, 100);
        assert!(whole.is_whole());
        whole.interrupted = true;
        assert!(!whole.is_whole());
    }
}
