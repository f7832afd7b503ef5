//! From an event to a message: `templates` make the words, `compose` the mail around them.

pub(crate) mod compose;
pub(crate) mod templates;
