use pipeline::{Failure, Tx};
use shop_events::StockCause;

use super::report::save_and_tell;
use crate::domain::level::Level;
use crate::store;

/// The catalogue says that `restocked_total` of a product ever arrived. Every record on `products`
/// carries it, and compaction may have removed the restock itself: whichever is read last counts.
pub(crate) async fn arrive(
    product_id: &str,
    restocked_total: i64,
    tx: &mut Tx,
) -> Result<(), Failure> {
    if restocked_total < 0 {
        let why = format!("restocked_total of {product_id} is {restocked_total}, less than 0");
        return Err(Failure::reject(why));
    }
    store::add_product(tx.conn(), product_id).await?;
    let known = store::lock_level(tx.conn(), product_id).await?;
    let mut level = known.unwrap_or_else(|| Level::unheard(product_id));
    if level.restock_to(restocked_total) {
        save_and_tell(&level, StockCause::Restocked, None, tx).await?;
    }
    Ok(())
}
