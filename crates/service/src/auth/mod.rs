//! Who a caller is, and what who it is may call.
//!
//! A route says who may call it where it is described, by the extension `x-access` of its OpenAPI
//! operation; [`guarded`] holds every request to it before the handler runs. What belongs to whom is
//! for the handler: it takes a [`Caller`] and asks it.

mod access;
mod address;
mod caller;
mod crypto;
mod guard;
mod jwks;
mod keys;
mod limit;
mod refusal;
mod token;

#[cfg(test)]
mod tests;

pub use access::{Access, Unguarded};
pub use address::{ClientAddress, Network};
pub use caller::{Caller, Role};
pub use crypto::use_ed25519;
pub use guard::guarded;
pub use keys::{HeldKeys, KeysFrom};
pub use limit::{Rate, RateLimit};
pub use token::{AUDIENCE, Claims, LEEWAY, LONGEST, TOKEN_TYPE, Tokens};
