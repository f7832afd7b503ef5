//! The service on a log and a registry in memory, on a real database of each kind.

mod access;
mod admins;
mod erasing;
mod history;
mod keys;
mod profile;
mod refreshing;
mod registering;
mod roles;
mod signing_in;
mod world;
