use std::marker::PhantomData;

use pipeline::{Erase, Failure, Meta, Tx};
use shop_events::UserRegistered;

use crate::people;

/// Erases what is kept of a user.
pub(crate) struct UserErased<C>(PhantomData<C>);

impl<C: Clone + Send + Sync + 'static> Erase for UserErased<C> {
    type Event = UserRegistered;
    type Context = C;

    async fn erase(gone: &Meta, tx: &mut Tx, _: &C) -> Result<(), Failure> {
        Ok(people::forget(tx.conn(), &gone.key).await?)
    }
}
