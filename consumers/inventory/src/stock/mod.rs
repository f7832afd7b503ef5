//! What is done with stock, each within the transaction of the record that asks for it.
//!
//! Rows are locked in one order everywhere: the order's, then the products' by SKU.

mod arrive;
mod finish;
mod report;
mod reserve;

pub(crate) use arrive::arrive;
pub(crate) use finish::{complete, end};
pub(crate) use reserve::reserve;
