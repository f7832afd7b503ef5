use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};
use shop_events::{UserProfileChanged, UserRegistered, UserRoleChanged, check};

use crate::store::contacts::{self, Contact};

/// Keeps where to write to a user. One handler for UserRegistered, UserProfileChanged and
/// UserRoleChanged: each carries the user's whole state.
pub(crate) struct KeepContact<E>(PhantomData<E>);

impl<E: Event> Transactional for KeepContact<E>
where
    for<'a> Contact: From<&'a E>,
{
    type Event = E;
    type Context = ();

    async fn handle(user: &Received<E>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        let contact = Contact::from(&user.event);
        // What is none would make a cart that no order can be made of.
        let wrong = check::email(&contact.email).map(|problem| ("email", problem));
        let name = || contact.name.as_deref().and_then(check::label);
        if let Some((field, problem)) = wrong.or_else(|| name().map(|problem| ("name", problem))) {
            return Err(Failure::reject(format!("{field} {problem}")));
        }
        Ok(contacts::keep(tx.conn(), &contact).await?)
    }
}

// Each record on the topic carries the user's whole state.
macro_rules! states {
    ($($event:ident),*) => {$(
        impl From<&$event> for Contact {
            fn from(event: &$event) -> Self {
                Contact {
                    user_id: event.user_id,
                    email: event.email.clone(),
                    name: event.name.clone(),
                    version: event.version,
                }
            }
        }
    )*};
}
states!(UserRegistered, UserProfileChanged, UserRoleChanged);
