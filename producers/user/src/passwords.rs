//! Hashing of passwords: argon2id, on threads of its own, a few at once.
//!
//! A hash takes 19 MiB and some tens of milliseconds of a core, and anybody may ask for one by
//! trying to sign in. So there is a bound on those that run and on those that wait; who comes beyond
//! that is told to come again. Who asks for an account that is none costs the same hash as one that
//! is, so that the time of an answer does not tell which accounts there are.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use shop_service::http::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::Password;

/// What a hash costs: 19 MiB, 2 passes, 1 lane.
pub(crate) const COST: Result<Params, argon2::Error> = Params::new(19_456, 2, 1, None);
/// Hashes that wait while as many run as may.
pub(crate) const WAITING: usize = 64;

/// What became of a password that was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, and its hash is of another cost than hashes have now: make a new one.
    RightButOld,
}

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashError {
    #[error("too many passwords are being hashed already")]
    Busy,
    #[error("hashing a password: {0}")]
    Failed(String),
}

impl From<HashError> for Problem {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Problem::unavailable(
                "Too many people sign in at this moment. Send the same request again later.",
            ),
            HashError::Failed(_) => Problem::internal(error),
        }
    }
}

/// Hashes passwords and compares them with their hashes.
#[derive(Clone)]
pub(crate) struct Passwords(Arc<Inner>);

struct Inner {
    argon: Argon2<'static>,
    /// The hash that the password of an unknown user is compared with: no password has it.
    nobodys: String,
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    computed: Counter,
}

impl Passwords {
    /// At most `at_once` run and `waiting` wait.
    pub(crate) fn new(cost: Params, at_once: usize, waiting: usize) -> Result<Self, HashError> {
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
        let mut random = [0; 32];
        openssl::rand::rand_bytes(&mut random).map_err(failed)?;
        let nobodys = argon.hash_password(&random).map_err(failed)?.to_string();
        Ok(Passwords(Arc::new(Inner {
            argon,
            nobodys,
            admitted: Arc::new(Semaphore::new(at_once + waiting)),
            running: Arc::new(Semaphore::new(at_once)),
            computed: Counter::default(),
        })))
    }

    /// Adds its counter.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Passwords hashed, to keep them or to compare them";
        registry.register("password_hashes", help, self.0.computed.clone());
    }

    /// How many hashes were computed.
    #[cfg(test)]
    pub(crate) fn computed(&self) -> u64 {
        self.0.computed.get()
    }

    /// The hash to keep: a PHC string.
    pub(crate) async fn hash(&self, password: &Password) -> Result<String, HashError> {
        let password = password.clone();
        let hash = self.run(move |argon| {
            let hash = argon.hash_password(password.bytes());
            hash.map(|hash| hash.to_string()).map_err(failed)
        });
        hash.await?
    }

    /// Compares with a hash that was kept; of an unknown user there is none, and it costs the same.
    pub(crate) async fn compare(
        &self,
        password: &Password,
        kept: Option<&str>,
    ) -> Result<Verdict, HashError> {
        let known = kept.is_some();
        let hash = kept.unwrap_or(&self.0.nobodys).to_owned();
        let password = password.clone();
        let verdict = self.run(move |argon| compare(argon, &password, &hash));
        let verdict = verdict.await??;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let room = self.room().await?;
        let inner = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Whoever hangs up meanwhile makes no room for the next one: this goes on to its end.
            let _room = room;
            inner.computed.inc();
            work(&inner.argon)
        });
        done.await.map_err(failed)
    }

    /// A place for one that runs, as soon as there is one.
    pub(crate) async fn room(&self) -> Result<[OwnedSemaphorePermit; 2], HashError> {
        let busy = |_| HashError::Busy;
        let admitted = self.0.admitted.clone().try_acquire_owned().map_err(busy)?;
        let running = self.0.running.clone().acquire_owned().await;
        Ok([admitted, running.map_err(|_| HashError::Busy)?])
    }
}

fn compare(argon: &Argon2<'_>, password: &Password, kept: &str) -> Result<Verdict, HashError> {
    let hash = PasswordHash::new(kept).map_err(failed)?;
    match argon.verify_password(password.bytes(), &hash) {
        Ok(()) => {}
        Err(argon2::password_hash::Error::PasswordInvalid) => return Ok(Verdict::Wrong),
        Err(error) => return Err(failed(error)),
    }
    let now = argon.params();
    let same = hash.algorithm == Algorithm::Argon2id.ident()
        && Params::try_from(&hash).is_ok_and(|was| {
            (was.m_cost(), was.t_cost(), was.p_cost()) == (now.m_cost(), now.t_cost(), now.p_cost())
        });
    Ok(if same { Verdict::Right } else { Verdict::RightButOld })
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap(passes: u32) -> Params {
        Params::new(8, passes, 1, None).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text)
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_with_the_cost_that_was_asked_for() {
        let passwords = Passwords::new(COST.unwrap(), 1, 1).unwrap();
        let hash = passwords.hash(&password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let other = passwords.hash(&password("correct horse")).await.unwrap();
        assert_ne!(hash, other, "each has a salt of its own");
    }

    #[tokio::test]
    async fn an_unknown_user_costs_what_a_known_one_costs() {
        let passwords = Passwords::new(cheap(1), 1, 1).unwrap();
        let hash = passwords.hash(&password("right")).await.unwrap();
        for (typed, kept, verdict) in [
            ("right", Some(&*hash), Verdict::Right),
            ("wrong", Some(&*hash), Verdict::Wrong),
            ("right", None, Verdict::Wrong),
        ] {
            let before = passwords.computed();
            assert_eq!(passwords.compare(&password(typed), kept).await.unwrap(), verdict);
            assert_eq!(passwords.computed(), before + 1);
        }
        let cost = |phc: &str| phc.split('$').nth(3).map(str::to_owned);
        assert_eq!(cost(&passwords.0.nobodys), cost(&hash));
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_still_right_and_said_to_be_old() {
        let (before, now) = (cheap(1), cheap(2));
        let hash = Passwords::new(before, 1, 1).unwrap().hash(&password("right")).await.unwrap();
        let passwords = Passwords::new(now, 1, 1).unwrap();
        let verdict = passwords.compare(&password("right"), Some(&hash)).await.unwrap();
        assert_eq!(verdict, Verdict::RightButOld);
    }

    #[tokio::test]
    async fn no_more_run_and_wait_than_may() {
        let passwords = Passwords::new(cheap(1), 1, 2).unwrap();
        let running = passwords.room().await.unwrap();
        let mut waiting = Vec::new();
        for _ in 0..2 {
            let mut room = Box::pin(passwords.room());
            assert!(futures::poll!(&mut room).is_pending());
            waiting.push(room);
        }
        assert!(matches!(passwords.hash(&password("x")).await, Err(HashError::Busy)));
        drop(running);
        assert!(waiting.remove(0).await.is_ok());
        drop(waiting);
        assert!(passwords.hash(&password("x")).await.is_ok(), "who has gone makes room");
    }

    #[tokio::test]
    async fn a_hash_that_is_none_is_a_fault_of_ours_and_not_a_wrong_password() {
        let passwords = Passwords::new(cheap(1), 1, 1).unwrap();
        let compared = passwords.compare(&password("x"), Some("hunter2")).await;
        assert!(matches!(compared, Err(HashError::Failed(_))));
    }
}
