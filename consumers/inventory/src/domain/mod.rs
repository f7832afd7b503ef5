//! The rules of stock, without I/O.

pub(crate) mod demand;
pub(crate) mod level;
pub(crate) mod standing;
