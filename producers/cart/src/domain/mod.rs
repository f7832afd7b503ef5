//! Rules without I/O.

mod cart;
mod checkout;

pub(crate) use cart::{Cart, LINES, Line, Offer, QUANTITY, Standing};
pub(crate) use checkout::{Refusal, check_out, checkout_id};
