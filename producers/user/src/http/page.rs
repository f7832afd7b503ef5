//! Which part of a list.

use serde::Deserialize;
use shop_service::http::{PageSize, Problem};
use utoipa::IntoParams;
use uuid::Uuid;

use super::App;
use crate::store::history::{self, History};

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
    /// This page of what a user has, and where the next one is, if there is one.
    pub(super) async fn of_user<T: History>(
        &self,
        app: &App,
        user_id: Uuid,
        path: &str,
    ) -> Result<(Vec<T>, Option<String>), Problem> {
        let (most, pool) = (self.limit.most()?, app.store.reader());
        let after = match self.after {
            None => None,
            Some(id) => {
                let place = history::place_of::<T>(pool, user_id, id).await?;
                Some(place.ok_or_else(wrong_after)?)
            }
        };
        let mut read = history::page(pool, user_id, after, most).await?;
        let next = self.cut(&mut read, path, T::id);
        Ok((read, next))
    }

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
