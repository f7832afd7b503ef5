//! Where an axis is labelled, and how.

/// Round numbers from 0 to the first that is no less than `most`, in `about` steps or fewer.
pub(super) fn linear(most: f64, about: usize) -> Vec<f64> {
    let rough = (most / about as f64).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = steps.into_iter().find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(rough);
    let count = (most / step - 1e-9).ceil().max(1.0) as usize;
    (0..=count).map(|n| n as f64 * step).collect()
}

/// Powers of ten around these values, with 2 and 5 between them where there is room.
pub(super) fn logarithmic(least: f64, most: f64) -> Vec<f64> {
    let (first, last) = (least.log10().floor() as i32, most.log10().ceil() as i32);
    let last = last.max(first + 1);
    let factors: &[f64] = if last - first <= 2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let powers = (first..last).map(|power| 10_f64.powi(power));
    let ticks = powers.flat_map(|power| factors.iter().map(move |factor| factor * power));
    ticks.chain([10_f64.powi(last)]).collect()
}

/// `2,000` or `0.25`.
pub(super) fn number(value: f64) -> String {
    if value >= 1_000.0 {
        return crate::load::show::thousands(value.round() as u64);
    }
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `5 ms`, `2 s`.
pub(super) fn millis(value: f64) -> String {
    if value >= 1_000.0 {
        format!("{} s", number(value / 1_000.0))
    } else {
        format!("{} ms", number(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_reach_the_most() {
        assert_eq!(linear(180.0, 5), [0.0, 50.0, 100.0, 150.0, 200.0]);
        assert_eq!(linear(1.0, 5).map_labels(), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(linear(0.0, 5).len(), 2);
        for most in [0.3, 7.0, 99.0, 101.0, 12_345.0] {
            let ticks = linear(most, 5);
            assert!((2..=6).contains(&ticks.len()) && ticks[ticks.len() - 1] >= most, "{ticks:?}");
        }
    }

    #[test]
    fn logarithmic_ticks_enclose_the_values() {
        assert_eq!(logarithmic(3.0, 40.0), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        assert_eq!(logarithmic(0.5, 900.0), [0.1, 1.0, 10.0, 100.0, 1_000.0]);
        assert_eq!(logarithmic(1.0, 1.0).len(), 4);
    }

    #[test]
    fn times_are_labelled_in_their_unit() {
        assert_eq!([0.5, 20.0, 1_000.0, 2_500.0].map(millis), ["0.5 ms", "20 ms", "1 s", "2.5 s"]);
        assert_eq!(number(12_000.0), "12,000");
    }

    trait Labels {
        fn map_labels(&self) -> Vec<String>;
    }

    impl Labels for Vec<f64> {
        fn map_labels(&self) -> Vec<String> {
            self.iter().map(|value| number(*value)).collect()
        }
    }
}
