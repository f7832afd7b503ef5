//! Which answers are lost.

use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// What becomes of a request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Answered,
    /// The connection breaks before anything is done.
    LostBefore,
    /// It is done, and the connection breaks.
    LostAfter,
}

pub(crate) struct Answers {
    lost: f64,
    random: Mutex<StdRng>,
}

impl Answers {
    pub(crate) fn new(lost: f64, seed: Option<u64>) -> Self {
        let random = seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64);
        Answers { lost, random: Mutex::new(random) }
    }

    /// The next one's.
    pub(crate) fn fate(&self) -> Fate {
        if self.lost == 0.0 {
            return Fate::Answered;
        }
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        match (random.random_bool(self.lost), random.random_bool(0.5)) {
            (false, _) => Fate::Answered,
            (true, false) => Fate::LostBefore,
            (true, true) => Fate::LostAfter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_lost_and_the_same_with_the_same_seed() {
        let fates = |seed| {
            let answers = Answers::new(0.05, Some(seed));
            (0..10_000).map(|_| answers.fate()).collect::<Vec<_>>()
        };
        let lost = fates(1).iter().filter(|fate| **fate != Fate::Answered).count();
        assert!((300..700).contains(&lost), "{lost}");
        assert!(fates(1).contains(&Fate::LostBefore) && fates(1).contains(&Fate::LostAfter));
        assert_eq!(fates(1), fates(1));
        assert_ne!(fates(1), fates(2));
    }
}
