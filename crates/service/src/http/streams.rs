//! How many streams of events are open, in all and of one user, and how long one lasts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::Instant;
use uuid::Uuid;

use super::problem::Problem;
use crate::auth::Caller;

/// Open at once in this process.
const MOST: usize = 1_000;
/// Open at once of one user: some pages on some devices.
const OF_ONE: usize = 10;
/// However long a token is good for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The streams that are open in this process.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    all: usize,
    of: HashMap<Uuid, usize>,
}

impl Streams {
    /// One more of this user's: 429 where they have as many as one may have, 503 where all have.
    pub fn open(&self, caller: &Caller, now_micros: i64) -> Result<OpenStream, Problem> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.of.get(&caller.user_id).copied().unwrap_or_default();
        if own >= OF_ONE {
            let detail =
                format!("You have {own} streams open, which is the most. Close one first.");
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-streams", detail));
        }
        if open.all >= MOST {
            let detail = "Too many streams are open at once. Try again in a while.";
            return Err(Problem::unavailable(detail));
        }
        open.all += 1;
        open.of.insert(caller.user_id, own + 1);
        let left = u64::try_from(caller.until_micros.saturating_sub(now_micros)).unwrap_or(0);
        let end = Instant::now() + Duration::from_micros(left).min(LONGEST);
        Ok(OpenStream { user_id: caller.user_id, end, streams: self.clone() })
    }
}

/// A stream's place, until it is dropped.
pub struct OpenStream {
    user_id: Uuid,
    end: Instant,
    streams: Streams,
}

impl OpenStream {
    /// Waits until the token that the stream was opened with is good no more.
    pub async fn ended(&self) {
        tokio::time::sleep_until(self.end).await;
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(own) = open.of.get_mut(&self.user_id) {
            *own -= 1;
            if *own == 0 {
                open.of.remove(&self.user_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Role;

    fn caller(user: u128, until_micros: i64) -> Caller {
        let user_id = Uuid::from_u128(user);
        Caller { user_id, role: Role::Customer, session: Uuid::nil(), until_micros }
    }

    fn refused(streams: &Streams, user: u128) -> Option<u16> {
        streams.open(&caller(user, 1), 0).err().map(|problem| problem.status().as_u16())
    }

    #[test]
    fn a_user_has_a_share_of_the_streams_and_all_have_a_bound() {
        let streams = Streams::default();
        let mut open = Vec::new();
        for i in 0..MOST {
            open.push(streams.open(&caller((i / OF_ONE) as u128, 1), 0).unwrap());
        }
        assert_eq!((refused(&streams, 0), refused(&streams, 1_000)), (Some(429), Some(503)));
        open.remove(0);
        assert_eq!(refused(&streams, 0), None);
        open.clear();
        assert!(streams.0.lock().unwrap().of.is_empty());
    }

    #[tokio::test]
    async fn a_stream_ends_with_its_token() {
        let streams = Streams::default();
        streams.open(&caller(1, 1_000), 2_000).unwrap().ended().await;
        streams.open(&caller(1, i64::MIN), i64::MAX).unwrap().ended().await;
        let long = streams.open(&caller(1, i64::MAX), i64::MIN).unwrap();
        assert!(long.end > Instant::now());
    }
}
