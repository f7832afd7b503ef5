//! Orders as answers show them. Amounts are minor units, times RFC 3339.

use serde::Serialize;
use shop_events::OrderLine;
pub(super) use shop_service::http::rfc3339;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Order, State};
use crate::store::notifications::Notification;
use crate::store::orders::Change;
use crate::store::payments::Payment;

/// An order.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderView {
    order_id: Uuid,
    state: State,
    user_id: Uuid,
    /// `web`, or the name of another channel.
    channel: String,
    /// The channel's own reference.
    order_ref: Option<String>,
    email: Option<String>,
    name: Option<String>,
    /// ISO 4217.
    currency: String,
    /// Minor units.
    total: i64,
    lines: Vec<LineView>,
    placed_at: String,
}

/// A line of an order.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineView {
    sku: String,
    name: Option<String>,
    quantity: i64,
    /// Minor units.
    unit_price: Option<i64>,
    /// Minor units.
    line_total: i64,
}

/// A state that an order came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeView {
    state: State,
    at: String,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// The payment of an order.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentView {
    /// `captured`, `declined` or `refunded`.
    #[schema(example = "captured")]
    state: String,
    /// Minor units of the order's currency.
    amount: i64,
    /// Why it was declined, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declined_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded_at: Option<String>,
}

/// A message to the customer about the order.
#[derive(Serialize, ToSchema)]
pub(crate) struct NotificationView {
    /// `email` or `push`.
    #[schema(example = "email")]
    channel: String,
    /// What it tells.
    #[schema(example = "order_completed")]
    template: String,
    /// `sent` or `failed`.
    #[schema(example = "sent")]
    outcome: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    at: String,
}

impl From<Notification> for NotificationView {
    fn from(told: Notification) -> Self {
        let Notification { channel, template, outcome, reason, at, .. } = told;
        NotificationView { channel, template, outcome, reason, at: rfc3339(at) }
    }
}

impl From<Payment> for PaymentView {
    fn from(payment: Payment) -> Self {
        PaymentView {
            state: payment.state,
            amount: payment.amount,
            detail: payment.detail,
            captured_at: payment.captured_at.map(rfc3339),
            declined_at: payment.declined_at.map(rfc3339),
            refunded_at: payment.refunded_at.map(rfc3339),
        }
    }
}

impl From<Order> for OrderView {
    fn from(order: Order) -> Self {
        OrderView {
            order_id: order.order_id,
            state: order.state,
            user_id: order.user_id,
            channel: order.channel,
            order_ref: order.order_ref,
            email: order.email,
            name: order.name,
            currency: order.currency,
            total: order.total,
            lines: order.lines.into_iter().map(LineView::from).collect(),
            placed_at: rfc3339(order.placed_at),
        }
    }
}

impl From<OrderLine> for LineView {
    fn from(line: OrderLine) -> Self {
        let OrderLine { product_id: sku, name, quantity, unit_price, line_total } = line;
        LineView { sku, name, quantity, unit_price, line_total }
    }
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        ChangeView { state: change.state, at: rfc3339(change.at), detail: change.detail }
    }
}
