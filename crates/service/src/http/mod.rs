//! What every HTTP service needs: one error type, extractors that answer with it, pages and limits.

mod cause;
mod connections;
mod extract;
mod idempotency;
mod limits;
pub(crate) mod observe;
mod page;
mod problem;
pub(crate) mod serve;
mod streams;
mod time;

pub use cause::cause;
pub use connections::serve;
pub use extract::{InPath, Json, Path, Query};
pub use idempotency::IdempotencyKey;
pub use limits::{Instead, bounded, limited};
pub use page::PageSize;
pub use problem::{FieldError, Problem};
pub use streams::{OpenStream, Streams};
pub use time::rfc3339;
