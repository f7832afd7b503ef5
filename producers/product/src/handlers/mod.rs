//! Reactions to events. All effects are in the database; what they emit leaves with the commit.

mod learn_product;
mod stock_level_changed;

pub(crate) use learn_product::LearnProduct;
pub(crate) use stock_level_changed::StockLevelChanged;
