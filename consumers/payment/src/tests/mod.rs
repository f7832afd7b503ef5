//! The service on a log in memory, on a database of each kind, with a payment provider: the sandbox
//! over HTTP, or a model of one that fails where it is told to.

mod crossing;
mod hints;
mod late;
mod made;
mod mock;
mod model;
mod paying;
mod rounds;
mod running;
mod webhooks;
