//! The registry on a real Kafka.

mod broker_away;
mod client;
mod crash;
mod http;
mod instances;
mod slow;
mod support;
mod tls;
mod topic;
