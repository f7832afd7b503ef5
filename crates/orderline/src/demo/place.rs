//! Each order, in the way that is planned for it.

use super::channel;
use super::customer::Customer;
use super::order::Order;
use super::orders::{Orders, Placed};
use super::plan::{Planned, Regret, Way};
use super::shopper::Shopper;
use crate::publish::Publisher;

/// The doors that orders come in by.
pub(super) struct Doors {
    pub(super) shopper: Shopper,
    pub(super) orders: Orders,
    pub(super) publisher: Publisher,
}

impl Doors {
    pub(super) async fn place(&self, planned: Planned, by: Customer) -> anyhow::Result<Order> {
        let who = &by.account;
        let emitter = &self.publisher.emitter;
        let key = emitter.random.uuid_v7(emitter.clock.now_micros());
        let Placed { order_id, total } = match planned.way {
            Way::Http => self.orders.place(&planned, who, key).await?,
            Way::Cart => {
                let checked_out = self.shopper.check_out(&planned, who, key).await?;
                let story = self.orders.appears(&checked_out.location, who).await?;
                Placed { order_id: story.order_id, total: checked_out.total }
            }
            Way::Record => {
                let total = channel::publish(&planned, who, key, &self.publisher).await?;
                Placed { order_id: self.orders.only(who).await?, total }
            }
        };
        let takes_back = match planned.regret {
            None => false,
            Some(Regret::AtOnce) => true,
            Some(Regret::OncePaid) => self.orders.is_paid(order_id, who).await?,
        };
        if takes_back {
            self.orders.cancel(order_id, who).await?;
        }
        Ok(Order::new(planned, by, order_id, total))
    }
}
