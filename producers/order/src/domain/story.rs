//! An order's events. Each carries the whole order, so that a reader needs no other.

use shop_events::{
    CancelReason, OrderCancelled, OrderCompleted, OrderPlaced, OrderRejected, OrderReserved,
    RejectReason, Shortage,
};
use uuid::Uuid;

use super::order::Order;

macro_rules! told {
    ($order:expr => $event:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        $event {
            order_id: $order.order_id,
            user_id: $order.user_id,
            channel: $order.channel.clone(),
            order_ref: $order.order_ref.clone(),
            email: $order.email.clone(),
            name: $order.name.clone(),
            lines: $order.lines.clone(),
            total: $order.total,
            currency: $order.currency.clone(),
            placed_at: $order.placed_at,
            $($field $(: $value)?),*
        }
    };
}

impl Order {
    pub(crate) fn placed(&self) -> OrderPlaced {
        told!(self => OrderPlaced { checkout_id: self.checkout_id, cart_id: self.cart_id })
    }

    pub(crate) fn reserved(&self, reserved_at: i64) -> OrderReserved {
        let payment_method = self.payment_method.clone();
        told!(self => OrderReserved { payment_method, reserved_at })
    }

    pub(crate) fn completed(&self, payment_id: Option<Uuid>, completed_at: i64) -> OrderCompleted {
        told!(self => OrderCompleted { payment_id, completed_at })
    }

    pub(crate) fn out_of_stock(
        &self,
        shortages: Vec<Shortage>,
        detail: Option<String>,
        rejected_at: i64,
    ) -> OrderRejected {
        let reason = RejectReason::OutOfStock;
        told!(self => OrderRejected { reason, detail, shortages, rejected_at })
    }

    pub(crate) fn not_paid(&self, detail: Option<String>, rejected_at: i64) -> OrderRejected {
        let (reason, shortages) = (RejectReason::PaymentDeclined, Vec::new());
        told!(self => OrderRejected { reason, detail, shortages, rejected_at })
    }

    pub(crate) fn expired(&self, cancelled_at: i64) -> OrderCancelled {
        let (reason, detail) = (CancelReason::Expired, Some("not completed in time".to_owned()));
        told!(self => OrderCancelled { reason, detail, cancelled_by: None, cancelled_at })
    }

    pub(crate) fn cancelled(
        &self,
        reason: CancelReason,
        by: Option<Uuid>,
        cancelled_at: i64,
    ) -> OrderCancelled {
        told!(self => OrderCancelled { reason, detail: None, cancelled_by: by, cancelled_at })
    }
}
