use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};

use crate::people::{self, Person};

/// Keeps a user's address, devices and wishes: each record on the topic carries the whole state. `C` is
/// what the group's other handlers need.
pub(crate) struct KeepUser<E, C>(PhantomData<(E, C)>);

impl<E, C> Transactional for KeepUser<E, C>
where
    E: Event,
    C: Clone + Send + Sync + 'static,
    for<'a> Person: From<&'a E>,
{
    type Event = E;
    type Context = C;

    async fn handle(user: &Received<E>, tx: &mut Tx, _: &C) -> Result<(), Failure> {
        let now = tx.now_micros();
        Ok(people::keep(tx.conn(), &Person::from(&user.event), now).await?)
    }
}
