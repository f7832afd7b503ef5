//! Which part of a list.

use serde::Deserialize;
use shop_service::http::{PageSize, Problem};
use utoipa::IntoParams;
use uuid::Uuid;

/// A page of a list, the latest first.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// How many at most, 1 to 100.
    #[serde(default)]
    #[param(value_type = i64, default = 20)]
    pub(super) limit: PageSize,
    /// The last one of the page before.
    pub(super) after: Option<Uuid>,
}

impl Page {
    /// Leaves what is shown of what was read, and says where the next page is, if there is one.
    pub(super) fn cut<T>(
        &self,
        read: &mut Vec<T>,
        path: &str,
        id: impl Fn(&T) -> Uuid,
    ) -> Option<String> {
        let last = self.limit.cut(read)?;
        Some(self.limit.next(path, &[], &id(last).to_string()))
    }
}

pub(super) fn wrong_after() -> Problem {
    Problem::field("after", "is in no list like this one: take it from `next`")
}
