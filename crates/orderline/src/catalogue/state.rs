//! What the topic `products` says already.

use std::collections::BTreeMap;

use pipeline::Schemas;
use shop_events::ProductState;
use shop_service::Cluster;

use crate::scan::{self, Places};

/// The last state of each product. Records that cannot be decoded say nothing.
pub(crate) async fn known(
    cluster: &Cluster,
    schemas: &Schemas,
) -> anyhow::Result<BTreeMap<String, ProductState>> {
    let mut products: BTreeMap<String, ProductState> = BTreeMap::new();
    for record in scan::read(cluster, &["products"], Places::new(), |_| true).await? {
        let Ok((_, state)) = record.decode::<ProductState>(schemas).await else { continue };
        let older = products.get(&state.product_id).is_none_or(|p| p.version < state.version);
        if older {
            products.insert(state.product_id.clone(), state);
        }
    }
    Ok(products)
}
