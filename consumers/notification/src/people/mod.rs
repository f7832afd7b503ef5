//! What this service knows of the users, by the topic `users`: where they are to be told of their
//! orders, and whether they want to.

mod devices;
mod person;

pub(crate) use devices::{Device, devices_of, mark_gone};
pub(crate) use person::{Person, any, find, forget, keep};
