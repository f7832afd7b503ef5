use pipeline::{Failure, Tx};
use shop_events::{OrderPlaced, ReservedLine, Shortage, StockCause, StockRejected, StockReserved};
use uuid::Uuid;

use super::report::save_and_tell;
use crate::domain::demand::Demand;
use crate::domain::standing::Standing;
use crate::store;

/// Holds all lines of an order, or none. An order that is known already was answered then.
pub(crate) async fn reserve(order: &OrderPlaced, tx: &mut Tx) -> Result<(), Failure> {
    let order_id = order.order_id;
    if store::lock_standing(tx.conn(), order_id).await?.is_some() {
        return Ok(());
    }
    // An order that cannot be is refused in words and not dead-lettered: every order has an end.
    let demand = match Demand::of(&order.lines) {
        Ok(demand) => demand,
        Err(why) => return refuse(order_id, Vec::new(), why, tx).await,
    };
    let mut levels = Vec::new();
    for (product_id, _) in demand.iter() {
        levels.push(store::lock_level(tx.conn(), product_id).await?);
    }
    let shortages = demand.shortages(&levels);
    if !shortages.is_empty() {
        let why = demand.explain(&shortages, &levels);
        return refuse(order_id, shortages, why, tx).await;
    }
    let now = tx.now_micros();
    store::save_standing(tx.conn(), order_id, Standing::Held, now).await?;
    store::save_lines(tx.conn(), order_id, &demand).await?;
    for (mut level, (_, quantity)) in levels.into_iter().flatten().zip(demand.iter()) {
        level.reserve(quantity);
        save_and_tell(&level, StockCause::Reserved, Some(order_id), tx).await?;
    }
    let lines = demand
        .iter()
        .map(|(product_id, quantity)| ReservedLine { product_id: product_id.into(), quantity })
        .collect();
    tx.emit(&StockReserved { order_id, lines, reserved_at: now })?;
    Ok(())
}

async fn refuse(
    order_id: Uuid,
    shortages: Vec<Shortage>,
    why: String,
    tx: &mut Tx,
) -> Result<(), Failure> {
    let now = tx.now_micros();
    store::save_standing(tx.conn(), order_id, Standing::Refused, now).await?;
    tx.emit(&StockRejected { order_id, shortages, detail: Some(why), rejected_at: now })?;
    Ok(())
}
