use shop_events::OrderRejected;

use crate::news::{About, News};
use crate::{email, push};

/// The order was rejected.
impl News for OrderRejected {
    const MAIL: &'static email::templates::Template = &email::templates::ORDER_REJECTED;
    const PUSH: &'static push::templates::Template = &push::templates::ORDER_REJECTED;

    fn about(&self) -> About<'_> {
        self.into()
    }
}
