//! What the topic `products` says already.

use std::collections::BTreeMap;

use pipeline::Schemas;
use serde::Deserialize;
use shop_service::Cluster;

use crate::scan::{self, Places};

/// What all records of a product have in common.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Known {
    pub(crate) product_id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) price: i64,
    pub(crate) currency: String,
    pub(crate) listed: bool,
    pub(crate) restocked_total: i64,
    pub(crate) version: i64,
}

/// The last state of each product. Records that cannot be decoded say nothing.
pub(crate) async fn known(
    cluster: &Cluster,
    schemas: &Schemas,
) -> anyhow::Result<BTreeMap<String, Known>> {
    let mut products: BTreeMap<String, Known> = BTreeMap::new();
    for record in scan::read(cluster, &["products"], Places::new(), |_| true).await? {
        let Ok((_, state)) = record.decode::<Known>(schemas).await else { continue };
        let older = products.get(&state.product_id).is_none_or(|p| p.version < state.version);
        if older {
            products.insert(state.product_id.clone(), state);
        }
    }
    Ok(products)
}
