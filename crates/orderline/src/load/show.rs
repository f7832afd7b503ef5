//! What a person sees: bars while it runs, then the facts.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::latency::{MAIN, Percentiles, STAGES};
use super::ledger::Progress;
use super::report::{Parameters, Report};
use super::send::By;
use crate::table::Table;

/// A bar for each thing that becomes of orders.
pub(super) struct Bars([ProgressBar; 3]);

impl Bars {
    pub(super) fn new(orders: usize) -> anyhow::Result<Self> {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")?;
        let all = MultiProgress::new();
        let bar = |words| {
            let bar = ProgressBar::new(orders as u64).with_style(style.clone());
            all.add(bar.with_message(words))
        };
        Ok(Bars(["accepted", "ended", "mailed"].map(bar)))
    }

    pub(super) fn show(&self, progress: Progress) {
        let Progress { accepted, ended, told, .. } = progress;
        for (bar, position) in self.0.iter().zip([accepted, ended, told]) {
            bar.set_position(position);
        }
    }

    pub(super) fn clear(&self) {
        self.0.iter().for_each(ProgressBar::finish_and_clear);
    }
}

impl Parameters {
    /// `2,000 orders by HTTP, 200/s, 64 at once`.
    pub(super) fn words(&self) -> String {
        let by = match self.by {
            By::Http => "HTTP",
            By::Topic => "topic",
        };
        let pace = match self.rate_orders_per_second {
            Some(rate) => format!("{rate}/s (open loop), at most {} at once", self.concurrency),
            None => {
                format!("{} at once, as fast as they are answered (closed loop)", self.concurrency)
            }
        };
        format!("{} orders by {by}, {pace}", thousands(self.orders as u64))
    }
}

/// The summary.
pub(super) fn summary(report: &Report) -> String {
    let counts = &report.counts;
    let mut text = format!("load        {}\n", report.parameters.words());
    let mut line = |name: &str, words: String| text.push_str(&format!("{name:<12}{words}\n"));
    line("broker", report.setting.words(&report.parameters.brokers));
    let throughput = &report.throughput;
    line(
        "accepted",
        format!("{} ({}/s)", thousands(counts.accepted), throughput.accepted_per_second),
    );
    line(
        "completed",
        format!("{} ({}/s)", thousands(counts.completed), throughput.completed_per_second),
    );
    line(
        "mailed",
        format!("{} ({}/s)", thousands(counts.mails_sent), throughput.mailed_per_second),
    );
    for (name, count) in [
        ("rejected", counts.rejected),
        ("cancelled", counts.cancelled),
        ("not mailed", counts.mails_failed),
        ("tried again", counts.tried_again),
    ] {
        if count > 0 {
            line(name, thousands(count));
        }
    }
    line("lag", format!("{} records at most", report.lag.max_total_records));
    text.push_str(&format!("\n{}", times(report)));
    for refusal in &report.refusals {
        text.push_str(&format!("\n{refusal}"));
    }
    if counts.unfinished > 0 {
        let ids: Vec<_> = report.unfinished_examples.iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "\n{} accepted orders have no end or no word of their mail after {} s without any progress, such as {}; \
             `orderline trace ID` shows how far one came, `orderline lag` who is behind",
            counts.unfinished,
            report.parameters.patience_seconds,
            ids.join(", ")
        ));
    }
    if report.interrupted {
        text.push_str("\nstopped by hand before the end");
    }
    text
}

fn times(report: &Report) -> Table {
    let mut table = Table::new(&["milliseconds", "p50", "p95", "p99", "max"]);
    let all = MAIN.iter().map(|span| (span, report.latency_ms.get(span.name)));
    let stages = STAGES.iter().map(|span| (span, report.stages_ms.get(span.name)));
    for (span, times) in all.chain(stages) {
        let Some(times) = times.filter(|times| times.count > 0) else { continue };
        let Percentiles { p50, p95, p99, max, .. } = times;
        let cells = [p50, p95, p99, max].map(|ms| format!("{ms:.1}"));
        table.row(std::iter::once(span.words.to_owned()).chain(cells));
    }
    table
}

/// `12,345`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::report::tests::report;

    #[test]
    fn thousands_are_told_apart() {
        let texts = [7, 999, 1_000, 1_234_567].map(thousands);
        assert_eq!(texts, ["7", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn the_summary_tells_what_was_refused_and_what_never_ended() {
        let text = summary(&report());
        for part in [
            "101 orders by HTTP, 50/s (open loop)",
            "Apache Kafka <4.3.1>",
            "1 refused (503): too busy",
            "1 accepted orders have no end",
            "00000000-0000-0000-0000-000000000064",
            "accepted to completed",
            "180 records at most",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
