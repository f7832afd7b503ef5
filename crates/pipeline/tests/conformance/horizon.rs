//! How far a group has come, as somebody else sees it.

use pipeline::{Runtime, Schemas};
use shop_testkit::wait;

use crate::script::{Script, all_committed, start};
use crate::stage::{PATIENCE, Stage};

pub(crate) async fn a_horizon_is_what_a_group_has_finished_and_not_what_lies_unread<S: Stage>(
    stage: &S,
) -> anyhow::Result<()> {
    let topic = stage.topic().await?;
    let mut metrics = prometheus_client::registry::Registry::default();
    let runtime =
        Runtime::new(stage.transport(), Schemas::in_memory(), "conformance 1", &mut metrics)?;
    let mut horizon = runtime.horizon(&topic, &[&topic]);
    // A broker on which there was no group before has no coordinator for a moment, and says so.
    let reached = wait::some(PATIENCE, async || horizon.reach(1).await.ok()).await?;
    assert_eq!(reached, Some(1), "nothing stands there");

    stage.send(&topic, &[("a", "1"), ("b", "2"), ("c", "3")]).await?;
    let mut later = runtime.horizon(&topic, &[&topic]);
    assert_eq!(later.reach(2).await?, None, "nobody has read it");
    assert_eq!(horizon.reach(2).await?, Some(1));
    let running = start(stage, &topic, &Script::new(|_, _| async { Ok(()) }))?;
    all_committed(stage, &topic, 3).await?;
    running.stop().await?;
    stage.send(&topic, &[("d", "4")]).await?;
    // What stood there at 2 is finished, what came after is not.
    assert_eq!((later.reach(3).await?, horizon.reach(3).await?), (Some(2), Some(2)));
    let running = start(stage, &topic, &Script::new(|_, _| async { Ok(()) }))?;
    all_committed(stage, &topic, 4).await?;
    running.stop().await?;
    assert_eq!((later.reach(4).await?, horizon.reach(4).await?), (Some(4), Some(4)));
    Ok(())
}
