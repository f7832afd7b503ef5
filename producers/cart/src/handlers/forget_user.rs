use pipeline::{Erase, Failure, Meta, Tx};
use shop_events::UserRegistered;

use crate::store::{carts, checkouts, contacts};

/// A user is gone, and with them all that is kept of them here. The orders go on.
pub(crate) struct ForgetUser;

impl Erase for ForgetUser {
    type Event = UserRegistered;
    type Context = ();

    async fn erase(gone: &Meta, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        // A key that is no user's erases nothing.
        let Ok(user_id) = gone.key.parse() else { return Ok(()) };
        contacts::forget(tx.conn(), user_id).await?;
        carts::remove(tx.conn(), user_id).await?;
        Ok(checkouts::forget(tx.conn(), user_id).await?)
    }
}
