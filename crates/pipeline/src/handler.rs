//! The three kinds of handler. Each names its event and its context, and is one function.

use std::future::Future;
use std::ops::Deref;

use crate::codec::EncodeError;
use crate::db::{Emitter, Outgoing, Tx};
use crate::event::Event;
use crate::failure::Failure;
use crate::meta::{Cause, Meta};

/// An event as it was received.
pub struct Received<E> {
    /// The event.
    pub event: E,
    /// Its place and its headers.
    pub meta: Meta,
}

impl<E> Deref for Received<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.event
    }
}

/// Reacts to an event inside a database transaction: effects, emitted events and the mark that
/// the event was handled happen together or not at all.
pub trait Transactional: 'static {
    /// What it reacts to.
    type Event: Event;
    /// What it needs besides the transaction.
    type Context: Clone + Send + Sync + 'static;

    /// Handles one event. What it does in the database is undone if it fails.
    fn handle(
        event: &Received<Self::Event>,
        tx: &mut Tx,
        context: &Self::Context,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Reacts to a tombstone: a key is erased from a compacted topic, and here with it. In a database
/// transaction, as [`Transactional`].
pub trait Erase: 'static {
    /// A record of the topic, whichever.
    type Event: Event;
    /// What it needs besides the transaction.
    type Context: Clone + Send + Sync + 'static;

    /// Erases what is known of the key, `gone.key`.
    fn erase(
        gone: &Meta,
        tx: &mut Tx,
        context: &Self::Context,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Reacts to an event with an effect outside: a mail, a payment, a push.
pub trait Effect: 'static {
    /// What it reacts to.
    type Event: Event;
    /// What it needs.
    type Context: Clone + Send + Sync + 'static;

    /// Performs the effect. An intent has been written; the receipt is written afterwards
    /// together with what is emitted.
    fn perform(
        event: &Received<Self::Event>,
        call: &Call,
        context: &Self::Context,
    ) -> impl Future<Output = Result<Emit, Failure>> + Send;
}

/// Reacts to an event without a database: at least once.
pub trait Plain: 'static {
    /// What it reacts to.
    type Event: Event;
    /// What it needs.
    type Context: Clone + Send + Sync + 'static;

    /// Handles one event.
    fn handle(
        event: &Received<Self::Event>,
        context: &Self::Context,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// One performance of an effect.
pub struct Call {
    /// An earlier run began this effect and did not live to write its receipt: whether it
    /// happened is for the provider to say, or for a stated rule.
    pub in_doubt: bool,
    /// How often this process has tried it before: an effect may give up in its own way before the
    /// record is dead-lettered.
    pub tries: u32,
    pub(crate) key: String,
    pub(crate) cause: Cause,
    pub(crate) emitter: Emitter,
}

impl Call {
    /// The same for every performance of this effect: what a provider tells repeats by.
    pub fn idempotency_key(&self) -> &str {
        &self.key
    }

    /// The cause of what is emitted in a transaction of the handler's own, before the receipt.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The present, microseconds since the Unix epoch.
    pub fn now_micros(&self) -> i64 {
        self.emitter.clock.now_micros()
    }
}

/// Events that leave together with the receipt of an effect.
#[derive(Default)]
pub struct Emit(pub(crate) Vec<Outgoing>);

impl Emit {
    /// Nothing.
    pub fn none() -> Self {
        Emit::default()
    }

    /// And this event.
    pub fn and<E: Event>(mut self, event: &E, call: &Call) -> Result<Self, EncodeError> {
        self.0.push(call.emitter.record(event, &call.cause)?.1);
        Ok(self)
    }
}
