//! The list of record types that a service publishes.

use std::future::Future;

use pipeline::{Event, RegistryError, Schemas};

/// Record types as a tuple: `(OrderPlaced, OrderReserved)`. Their schemas are registered at start,
/// so that publishing needs no registry afterwards.
pub trait Published {
    /// Registers them all.
    fn register(schemas: &Schemas) -> impl Future<Output = Result<(), RegistryError>> + Send;
}

macro_rules! tuple {
    ($($event:ident),*) => {
        impl<$($event: Event),*> Published for ($($event,)*) {
            async fn register(schemas: &Schemas) -> Result<(), RegistryError> {
                $(schemas.register::<$event>().await?;)*
                Ok(())
            }
        }
    };
}

tuple!(A);
tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
