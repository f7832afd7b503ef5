use shop_events::OrderCompleted;

use crate::news::{About, News};
use crate::{email, push};

/// The order was completed.
impl News for OrderCompleted {
    const MAIL: &'static email::templates::Template = &email::templates::ORDER_COMPLETED;
    const PUSH: &'static push::templates::Template = &push::templates::ORDER_COMPLETED;

    fn about(&self) -> About<'_> {
        self.into()
    }
}
