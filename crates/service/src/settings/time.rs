use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A time that is an option: a whole number of units of so many seconds, 1 to `MOST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time<const UNIT: u64, const MOST: u64>(u64);

/// Seconds, 1 to `MOST`.
pub type Seconds<const MOST: u64> = Time<1, MOST>;

/// Days, 1 to `MOST`.
pub type Days<const MOST: u64> = Time<86_400, MOST>;

impl<const UNIT: u64, const MOST: u64> Time<UNIT, MOST> {
    /// So many; none where it may not be so many.
    pub const fn of(count: u64) -> Option<Self> {
        if count >= 1 && count <= MOST { Some(Time(count)) } else { None }
    }

    /// How long that is.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0.saturating_mul(UNIT))
    }
}

impl<const UNIT: u64, const MOST: u64> FromStr for Time<UNIT, MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time = text.parse().ok().and_then(Self::of);
        time.ok_or_else(|| format!("write it as a whole number, 1 to {MOST}"))
    }
}

impl<const UNIT: u64, const MOST: u64> fmt::Display for Time<UNIT, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_of_its_unit_that_it_may_be() {
        let seconds = |text: &str| text.parse::<Seconds<60>>().map(Seconds::duration);
        assert_eq!(seconds("1"), Ok(Duration::from_secs(1)));
        assert_eq!(seconds("60"), Ok(Duration::from_secs(60)));
        for wrong in ["", "0", "61", "-1", "1.5", "1s", "99999999999999999999"] {
            assert_eq!(
                seconds(wrong),
                Err("write it as a whole number, 1 to 60".into()),
                "{wrong}"
            );
        }
        let days: Days<3_650> = "90".parse().expect("taken");
        assert_eq!((days.duration(), &*days.to_string()), (Duration::from_hours(24 * 90), "90"));
    }
}
