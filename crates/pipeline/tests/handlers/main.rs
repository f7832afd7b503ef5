//! The three kinds of handler, on the log in memory, on SQLite and on PostgreSQL.

mod effects;
mod erasing;
mod hostile;
mod instances;
mod tombstones;
mod traces;
mod transactions;
mod world;
mod writers;
