use shop_events::OrderCancelled;

use crate::news::{About, News};
use crate::{email, push};

/// The order was cancelled.
impl News for OrderCancelled {
    const MAIL: &'static email::templates::Template = &email::templates::ORDER_CANCELLED;
    const PUSH: &'static push::templates::Template = &push::templates::ORDER_CANCELLED;

    fn about(&self) -> About<'_> {
        self.into()
    }
}
