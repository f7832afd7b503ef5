use pipeline::{Failure, Tx};
use shop_events::{StockCause, StockLevelChanged};
use uuid::Uuid;

use crate::domain::level::Level;
use crate::store;

/// Writes a changed level and tells of it. One that does not add up is written nowhere.
pub(super) async fn save_and_tell(
    level: &Level,
    cause: StockCause,
    order_id: Option<Uuid>,
    tx: &mut Tx,
) -> Result<(), Failure> {
    if !level.is_conserved() {
        return Err(Failure::reject(format!("the stock would not add up: {level:?}")));
    }
    store::save_level(tx.conn(), level).await?;
    let changed_at = tx.now_micros();
    tx.emit(&StockLevelChanged {
        product_id: level.product_id.clone(),
        on_hand: level.on_hand,
        reserved: level.reserved,
        available: level.available(),
        sold: level.sold,
        restocked_total: level.restocked_total,
        version: level.version,
        cause,
        order_id,
        changed_at,
    })?;
    Ok(())
}
