//! Wait for a condition instead of sleeping.

use std::time::{Duration, Instant};

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `condition` answers true; an error when `deadline` has passed. Say what was waited for
/// with `.context("...")`.
pub async fn until<F>(deadline: Duration, mut condition: F) -> anyhow::Result<()>
where
    F: AsyncFnMut() -> bool,
{
    some(deadline, async || condition().await.then_some(())).await
}

/// Waits until `find` finds something, and returns it; an error when `deadline` has passed.
pub async fn some<T, F>(deadline: Duration, mut find: F) -> anyhow::Result<T>
where
    F: AsyncFnMut() -> Option<T>,
{
    let start = Instant::now();
    loop {
        // Asked before the look: however long this process had to stand still, it looks once more.
        let is_late = start.elapsed() >= deadline;
        if let Some(found) = find().await {
            return Ok(found);
        }
        if is_late {
            anyhow::bail!("still not so after {deadline:?}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[tokio::test]
    async fn waiting_ends_when_the_condition_holds() {
        let mut looks = 0;
        super::until(Duration::from_secs(10), async || {
            looks += 1;
            looks == 3
        })
        .await
        .expect("the third look is true");
        assert_eq!(looks, 3);
    }

    #[tokio::test]
    async fn waiting_past_the_deadline_is_an_error() {
        let ended = super::until(Duration::from_millis(1), async || false).await;
        assert!(ended.unwrap_err().to_string().contains("1ms"));
    }
}
