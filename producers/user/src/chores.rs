//! What is to be done now and then: the keys that are due, the sessions that are over.

use std::time::Duration;

use futures::FutureExt;
use pipeline::{Cause, Store};
use tokio_util::sync::CancellationToken;

use crate::keys::Keys;
use crate::store::families;

/// Between two looks at the keys: what another instance has changed is known here after so long.
const LOOK: Duration = Duration::from_secs(10);
const FORGET: Duration = Duration::from_secs(3_600);

/// Until `stop`.
pub(crate) async fn run(store: Store, keys: Keys, stop: CancellationToken) {
    let (mut look, mut forget) = (tokio::time::interval(LOOK), tokio::time::interval(FORGET));
    for every in [&mut look, &mut forget] {
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    }
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = look.tick() => match keys.turn().await {
                Ok(()) if std::mem::take(&mut failing) => {
                    tracing::info!("the signing keys can be read again");
                }
                Ok(()) => {}
                Err(error) => if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "the signing keys cannot be read: those that are known go on");
                },
            },
            _ = forget.tick() => forget_sessions(&store).await,
        }
    }
}

async fn forget_sessions(store: &Store) {
    let now = store.now_micros();
    let forgotten: Result<u64, sqlx::Error> =
        store.write(Cause::default(), |tx| families::forget(tx.conn(), now).boxed()).await;
    match forgotten {
        Ok(0) => {}
        Ok(count) => tracing::info!(session.count = count, "forgot sessions that are over"),
        Err(error) => tracing::warn!(%error, "sessions that are over could not be removed"),
    }
}
