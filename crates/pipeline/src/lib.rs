// The fragments of the README stand whole, and compiled, in examples/three_consumers.rs.
#![cfg_attr(not(doctest), doc = include_str!("../README.md"))]
#![warn(missing_docs)]

mod clock;
pub mod codec;
mod db;
pub mod dead_letter;
mod dispatch;
mod effect;
mod engine;
mod event;
mod failure;
mod group;
mod handler;
mod horizon;
pub mod meta;
mod metrics;
mod plain;
mod runtime;
mod status;
mod trace;
mod transactional;
pub mod transport;

pub use clock::{Clock, Random};
pub use codec::{
    EncodeError, RegistryError, RegistryLogin, RegistryNames, RegistrySettings, Schemas,
};
pub use db::{
    Attempt, Database, DatabaseError, Dialect, Emitter, Migration, Outgoing, Relay, Store, Tx,
};
pub use engine::{Backoff, Breaker, GroupError, RawHandler, Settings};
pub use event::Event;
pub use failure::Failure;
pub use group::{EffectGroup, Group, PlainGroup, TransactionalGroup};
pub use handler::{Call, Effect, Emit, Erase, Plain, Received, Transactional};
pub use horizon::Horizon;
pub use meta::{Cause, Meta};
pub use runtime::Runtime;
pub use status::GroupStatus;
pub use trace::{TraceContext, Tracer};
