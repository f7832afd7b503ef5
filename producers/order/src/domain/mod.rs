//! Rules without I/O.

mod cart;
pub(crate) mod check;
mod order;
mod state;
mod story;

pub(crate) use cart::order_of_cart;
pub(crate) use order::{Order, total_of};
pub(crate) use state::{Input, State, completes_without_payment};
