//! The three kinds of handler, on the log in memory and on SQLite.

mod effects;
mod hostile;
mod traces;
mod transactions;
mod world;
