//! How it went over time: the run in equal parts.

use serde::{Serialize, Serializer};

use super::latency::{MAIN, Percentiles};
use super::ledger::Entry;

/// Lengths of a part, in seconds, from which the first is taken that gives no more than `PARTS`.
const LENGTHS: [f64; 8] = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0];
const PARTS: f64 = 100.0;

/// Microseconds as seconds.
pub(super) fn seconds<S: Serializer>(micros: &i64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(*micros as f64 / 1e6)
}

#[derive(Debug, Serialize)]
pub(super) struct Series {
    pub(super) part_seconds: f64,
    pub(super) parts: Vec<Part>,
}

/// What happened in one part, whenever it had begun.
#[derive(Debug, Default, Serialize)]
pub(super) struct Part {
    /// Its end, since the start of the run.
    pub(super) until_seconds: f64,
    pub(super) due_per_second: f64,
    pub(super) accepted_per_second: f64,
    pub(super) completed_per_second: f64,
    pub(super) mailed_per_second: f64,
    pub(super) due_to_accepted_ms: Option<Percentiles>,
    pub(super) accepted_to_completed_ms: Option<Percentiles>,
    pub(super) accepted_to_mail_ms: Option<Percentiles>,
}

impl Series {
    /// `end` is the end of the run, in microseconds since its start.
    pub(super) fn of(entries: &[Entry], end: i64) -> Self {
        let end = end.max(1) as f64 / 1e6;
        let length = LENGTHS.into_iter().find(|length| end / length <= PARTS);
        let length = length.unwrap_or((end / PARTS).ceil());
        let count = ((end / length).ceil() as usize).max(1);
        let part_of = |at: i64| ((at as f64 / 1e6 / length) as usize).min(count - 1);
        let rates = |when: &dyn Fn(&Entry) -> Option<i64>| {
            let mut counts = vec![0_u64; count];
            entries.iter().filter_map(when).for_each(|at| counts[part_of(at)] += 1);
            counts.into_iter().map(|n| n as f64 / length).collect::<Vec<_>>()
        };
        let due = rates(&|entry| Some(entry.due));
        let accepted = rates(&|entry| entry.accepted);
        let (completed, mailed) = (rates(&Entry::completed), rates(&Entry::mailed));
        let times: Vec<Vec<Vec<u64>>> = MAIN[..3]
            .iter()
            .map(|span| {
                let mut parts = vec![Vec::new(); count];
                for entry in entries {
                    if let (Some(until), Some(micros)) = (span.until(entry), span.micros(entry)) {
                        parts[part_of(until)].push(micros);
                    }
                }
                parts
            })
            .collect();
        let percentiles = |span: usize, part: usize| {
            let times = &times[span][part];
            (!times.is_empty()).then(|| Percentiles::of(times.iter().copied()))
        };
        let part = |n: usize| Part {
            until_seconds: (n + 1) as f64 * length,
            due_per_second: due[n],
            accepted_per_second: accepted[n],
            completed_per_second: completed[n],
            mailed_per_second: mailed[n],
            due_to_accepted_ms: percentiles(0, n),
            accepted_to_completed_ms: percentiles(1, n),
            accepted_to_mail_ms: percentiles(2, n),
        };
        Series { part_seconds: length, parts: (0..count).map(part).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::ledger::Stage;

    #[test]
    fn every_order_is_counted_in_the_part_in_which_it_came_so_far() {
        let entry = |n: i64| Entry {
            due: n * 100_000,
            sent: n * 100_000,
            accepted: Some(n * 100_000 + 2_000),
            end: Some((Stage::Completed, n * 100_000 + 1_000_000)),
            ..Entry::default()
        };
        let entries: Vec<_> = (0..300).map(entry).collect();
        let series = Series::of(&entries, 31_000_000);
        assert_eq!((series.part_seconds, series.parts.len()), (0.5, 62));
        let sum = |of: fn(&Part) -> f64| series.parts.iter().map(of).sum::<f64>() * 0.5;
        assert!((sum(|p| p.due_per_second) - 300.0).abs() < 1e-9);
        assert!((sum(|p| p.completed_per_second) - 300.0).abs() < 1e-9);
        assert_eq!(
            (series.parts[0].completed_per_second, series.parts[2].completed_per_second),
            (0.0, 10.0)
        );
        assert!(series.parts[0].accepted_to_completed_ms.is_none());
        let completed = series.parts[2].accepted_to_completed_ms.map(|ms| ms.max);
        assert!(completed.is_some_and(|ms| (ms - 998.0).abs() < 1.0), "{completed:?}");
    }

    #[test]
    fn a_long_run_has_no_more_parts_than_a_short_one() {
        for seconds in [1, 10, 100, 1_000, 100_000] {
            let parts = Series::of(&[], seconds * 1_000_000).parts.len();
            assert!((1..=101).contains(&parts), "{seconds} s: {parts}");
        }
    }
}
