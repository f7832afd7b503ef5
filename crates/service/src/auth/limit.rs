//! How often somebody may do something.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::http::Problem;

/// Keys that are counted at once, some 10 MB of them.
const MOST_KEYS: usize = 100_000;
/// Bytes of a key that are looked at.
const LONGEST_KEY: usize = 256;

/// So many in a time: `60/m`. They may come at once, and come back evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    times: NonZeroU32,
    per: Duration,
}

impl Rate {
    /// So many in a minute.
    pub const fn per_minute(times: NonZeroU32) -> Self {
        Rate { times, per: Duration::from_secs(60) }
    }

    fn quota(self) -> Option<Quota> {
        Some(Quota::with_period(self.per / self.times.get())?.allow_burst(self.times))
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "write it as COUNT/UNIT, with s, m or h for the unit, as in 60/m";
        let (times, unit) = text.split_once('/').ok_or(wrong)?;
        let per = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            _ => return Err(wrong.into()),
        };
        let times: NonZeroU32 = times.parse().map_err(|_| wrong)?;
        if times.get() > 1_000_000 {
            return Err("it may be a million at most".into());
        }
        Ok(Rate { times, per: Duration::from_secs(per) })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per.as_secs() {
            1 => "s",
            60 => "m",
            _ => "h",
        };
        write!(f, "{}/{unit}", self.times)
    }
}

type Limiter = RateLimiter<Box<str>, HashMapStateStore<Box<str>>, Ticks, NoOpMiddleware<Nanos>>;

/// Counts by key (an account, an address) and refuses what is too much. Of one process: two
/// instances of a service count each for itself, so that with both a client has twice as many.
pub struct RateLimit {
    quota: Quota,
    ticks: Ticks,
    limiter: RwLock<Limiter>,
}

impl RateLimit {
    /// One that has counted nothing yet.
    pub fn new(rate: Rate) -> Self {
        Self::by(rate, Ticks::real())
    }

    fn by(rate: Rate, ticks: Ticks) -> Self {
        // A rate is at least one in an hour and at most a million a second: both have a period.
        let quota = rate.quota().unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
        let limiter = RwLock::new(RateLimiter::hashmap_with_clock(quota, ticks.clone()));
        RateLimit { quota, ticks, limiter }
    }

    /// Counts one more of this key; 429 with `Retry-After` where that is too many.
    pub fn check(&self, key: &str) -> Result<(), Problem> {
        let key: Box<str> = key.chars().take(LONGEST_KEY).collect();
        let known = {
            let limiter = self.limiter.read().unwrap_or_else(PoisonError::into_inner);
            limiter.check_key(&key).map_err(|until| {
                let wait = until.wait_time_from(self.ticks.now());
                let seconds = wait.as_millis().div_ceil(1_000).max(1);
                Problem::too_many(u32::try_from(seconds).unwrap_or(u32::MAX))
            })?;
            limiter.len()
        };
        if known > MOST_KEYS {
            self.forget();
        }
        Ok(())
    }

    /// Forgets who has not come for long; and everybody, where that is not enough. Who fills the
    /// memory like this gets a second try, and nobody else is refused for it.
    fn forget(&self) {
        let mut limiter = self.limiter.write().unwrap_or_else(PoisonError::into_inner);
        limiter.retain_recent();
        if limiter.len() > MOST_KEYS / 2 {
            tracing::warn!(
                limit.keys = limiter.len(),
                "a rate limit counts too many and begins anew"
            );
            *limiter = RateLimiter::hashmap_with_clock(self.quota, self.ticks.clone());
        }
    }
}

/// Time that never goes back, since it began.
#[derive(Clone)]
enum Ticks {
    Real(Instant),
    #[cfg(test)]
    Manual(pipeline::Clock),
}

impl Ticks {
    fn real() -> Self {
        Ticks::Real(Instant::now())
    }
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        match self {
            Ticks::Real(since) => since.elapsed().into(),
            #[cfg(test)]
            Ticks::Manual(clock) => Duration::from_micros(clock.now_micros() as u64).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    fn limit(rate: &str) -> (RateLimit, pipeline::Clock) {
        let clock = pipeline::Clock::manual(1);
        (RateLimit::by(rate.parse().unwrap(), Ticks::Manual(clock.clone())), clock)
    }

    #[test]
    fn what_is_too_much_is_refused_with_the_time_to_wait_by_key() {
        let (limit, clock) = limit("3/m");
        for _ in 0..3 {
            limit.check("a").unwrap();
        }
        let refused = limit.check("a").unwrap_err().into_response();
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["retry-after"]),
            (429, &"20".parse().unwrap())
        );
        limit.check("b").unwrap();
        clock.advance(Duration::from_secs(20));
        limit.check("a").unwrap();
        assert!(limit.check("a").is_err());
    }

    #[test]
    fn memory_has_a_bound_whatever_the_keys_are() {
        let (limit, _) = limit("1/h");
        for i in 0..(MOST_KEYS + MOST_KEYS / 2) {
            limit.check(&i.to_string()).unwrap();
        }
        assert!(limit.limiter.read().unwrap().len() <= MOST_KEYS);
        limit.check(&"x".repeat(1 << 20)).unwrap();
    }

    #[test]
    fn a_rate_is_a_count_and_a_unit() {
        for good in ["1/s", "60/m", "1000/h"] {
            assert_eq!(good.parse::<Rate>().unwrap().to_string(), good);
        }
        for wrong in ["", "0/s", "60", "60/d", "-1/s", "2000000/s"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }
}
