mod encryption;
mod following;
mod forging;
pub(crate) mod made;
mod pushing;
mod running;
mod telling;
mod users;
