mod encryption;
pub(crate) mod made;
mod running;
mod telling;
