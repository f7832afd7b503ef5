//! Web Push (RFC 8030): `templates` make the words, `message` what a device gets of them, `encrypt`
//! (RFC 8291) and `vapid` (RFC 8292) the request, `post` sends it to an address that `reach` lets it go to.

pub(crate) mod encrypt;
pub(crate) mod message;
pub(crate) mod post;
mod reach;
pub(crate) mod templates;
pub(crate) mod turns;
pub(crate) mod vapid;
