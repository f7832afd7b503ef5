use pipeline::{Failure, Tx};
use shop_events::StockCause;
use uuid::Uuid;

use super::report::save_and_tell;
use crate::domain::level::Level;
use crate::domain::standing::{self, Standing, Step};
use crate::store;

/// What a completed order held is sold.
pub(crate) async fn complete(order_id: Uuid, tx: &mut Tx) -> Result<(), Failure> {
    let known = store::lock_standing(tx.conn(), order_id).await?;
    let step = standing::completed(known).map_err(Failure::reject)?;
    take(step, order_id, tx).await
}

/// What a rejected or cancelled order held is free again; from now on it holds nothing.
pub(crate) async fn end(order_id: Uuid, tx: &mut Tx) -> Result<(), Failure> {
    let known = store::lock_standing(tx.conn(), order_id).await?;
    take(standing::ended(known), order_id, tx).await
}

async fn take(step: Step, order_id: Uuid, tx: &mut Tx) -> Result<(), Failure> {
    match step {
        Step::Nothing => return Ok(()),
        Step::Close => {}
        Step::Sell => change(Level::sell, StockCause::Sold, order_id, tx).await?,
        Step::Release => change(Level::release, StockCause::Released, order_id, tx).await?,
        Step::TakeBack => change(Level::take_back, StockCause::Released, order_id, tx).await?,
    }
    let standing = if step == Step::Sell { Standing::Sold } else { Standing::Over };
    let now = tx.now_micros();
    Ok(store::save_standing(tx.conn(), order_id, standing, now).await?)
}

async fn change(
    how: fn(&mut Level, i64),
    cause: StockCause,
    order_id: Uuid,
    tx: &mut Tx,
) -> Result<(), Failure> {
    for (product_id, quantity) in store::lines(tx.conn(), order_id).await? {
        let level = store::lock_level(tx.conn(), &product_id).await?;
        let gone =
            || Failure::reject(format!("{product_id} is held for an order and not in stock"));
        let mut level = level.ok_or_else(gone)?;
        how(&mut level, quantity);
        save_and_tell(&level, cause, Some(order_id), tx).await?;
    }
    Ok(())
}
