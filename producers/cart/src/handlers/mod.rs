//! Reactions to events: what carts need to know of products, stock and users.

mod forget_user;
mod keep_contact;
mod keep_product;
mod stock_level_changed;

pub(crate) use forget_user::ForgetUser;
pub(crate) use keep_contact::KeepContact;
pub(crate) use keep_product::KeepProduct;
pub(crate) use stock_level_changed::StockLevelChanged;
