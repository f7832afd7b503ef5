//! The rules of telling a customer, without I/O.

pub(crate) mod date;
pub(crate) mod mask;
pub(crate) mod money;
