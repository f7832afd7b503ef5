//! An axis whose labels stand where they are told to.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

pub(super) struct Axis {
    pub(super) range: Range<f64>,
    pub(super) ticks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let Range { start, end } = self.range;
        let share = (value - start) / (end - start).max(f64::MIN_POSITIVE);
        (f64::from(first) + share * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        let Range { start, end } = self.range;
        let within = self.ticks.iter().filter(|tick| (start..=end).contains(*tick));
        within.copied().collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}
