//! Carts to the topic, a bounded batch at a time, each acknowledged before the next.

use indicatif::{ProgressBar, ProgressStyle};
use shop_events::CartCheckedOut;
use uuid::Uuid;

use crate::publish::Publisher;

/// Orders under way at once.
const BATCH: usize = 500;

pub(super) async fn send(publisher: &Publisher, carts: &[CartCheckedOut]) -> anyhow::Result<()> {
    publisher.register::<CartCheckedOut>().await?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} orders, {eta} left")?;
    let bar = ProgressBar::new(carts.len() as u64).with_style(style);
    for batch in carts.chunks(BATCH) {
        let records = batch
            .iter()
            .map(|cart| publisher.record(cart, event_id(cart)?, &cart.checkout_id.to_string()));
        publisher.send(records.collect::<anyhow::Result<_>>()?).await?;
        bar.inc(batch.len() as u64);
    }
    bar.finish_and_clear();
    Ok(())
}

/// The same cart has the same event id in each run, and the order service passes it over. One that
/// has changed under its reference has another, so that the service sees it, and refuses it aloud.
fn event_id(cart: &CartCheckedOut) -> anyhow::Result<Uuid> {
    Ok(Uuid::new_v5(&cart.checkout_id, &serde_json::to_vec(cart)?))
}
