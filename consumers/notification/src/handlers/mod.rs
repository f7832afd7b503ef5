//! One file for each event that a customer is told of, and one for each way. Both groups keep what they
//! read of the users.

mod keep_user;
mod mail;
mod order_cancelled;
mod order_completed;
mod order_rejected;
mod push;
mod user_erased;

pub(crate) use keep_user::KeepUser;
pub(crate) use mail::Mail;
pub(crate) use push::Push;
pub(crate) use user_erased::UserErased;
