//! Waiting for what comes by records, which takes a moment.

use std::time::{Duration, Instant};

use anyhow::anyhow;

/// How long anything may take that depends on nobody's will.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// Why a look has not found what it looked for.
pub(super) enum Miss {
    /// It may be there later; for now the reason is this.
    NotYet(String),
    /// It will never be.
    Never(anyhow::Error),
}

impl From<anyhow::Error> for Miss {
    fn from(error: anyhow::Error) -> Self {
        Miss::Never(error)
    }
}

/// Looks again and again. `what` begins the words of the failure.
pub(super) async fn until<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, Miss>,
) -> anyhow::Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(found) => return Ok(found),
            Err(Miss::Never(error)) => return Err(error),
            Err(Miss::NotYet(why)) if Instant::now() > end => {
                return Err(anyhow!("{what}: not within {PATIENCE:?}: {why}"));
            }
            Err(Miss::NotYet(_)) => tokio::time::sleep(PAUSE).await,
        }
    }
}
