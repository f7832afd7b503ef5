//! The sandbox as a client sees it.

mod keys;
mod ledger;
mod payments;
mod served;
mod webhooks;
