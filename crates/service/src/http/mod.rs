//! What every HTTP service needs: one error type, extractors that answer with it, and limits.

mod cause;
mod extract;
mod limits;
pub(crate) mod observe;
mod problem;
pub(crate) mod serve;

pub use cause::cause;
pub use extract::{Json, Path, Query};
pub use limits::limited;
pub use problem::{FieldError, Problem};
