//! Records of the order service, made for tests.

use shop_events::*;
use uuid::Uuid;

/// 5 March 2026.
const PLACED_AT: i64 = 1_772_668_800_000_000;

macro_rules! of_order {
    ($type:ident, $order:expr, $($own:tt)*) => {
        $type {
            order_id: Uuid::from_u128($order),
            user_id: Uuid::from_u128(7),
            channel: "web".into(),
            order_ref: Some(format!("web-{}", $order)),
            email: Some("alice@example.org".into()),
            name: Some("Alice".into()),
            lines: vec![OrderLine {
                product_id: "TEA".into(),
                name: Some("Green tea".into()),
                quantity: 2,
                unit_price: None,
                line_total: 1177,
            }],
            total: 1177,
            currency: "EUR".into(),
            placed_at: PLACED_AT,
            $($own)*
        }
    };
}

pub(crate) fn completed(order: u128) -> OrderCompleted {
    of_order!(OrderCompleted, order, payment_id: None, completed_at: PLACED_AT)
}

pub(crate) fn rejected(order: u128) -> OrderRejected {
    let shortages = vec![Shortage { product_id: "TEA".into(), requested: 2, available: 1 }];
    let reason = RejectReason::OutOfStock;
    of_order!(OrderRejected, order, reason, detail: None, shortages, rejected_at: PLACED_AT)
}

pub(crate) fn cancelled(order: u128) -> OrderCancelled {
    let reason = CancelReason::Customer;
    of_order!(OrderCancelled, order, reason, detail: None, cancelled_by: None, cancelled_at: PLACED_AT)
}

/// The user of those orders, who has these devices.
pub(crate) fn user(version: i64, push_tokens: Vec<String>) -> UserProfileChanged {
    UserProfileChanged {
        user_id: Uuid::from_u128(7),
        email: "alice.private@example.org".into(),
        name: Some("Alice Private".into()),
        role: UserRole::Customer,
        locale: "en".into(),
        email_enabled: true,
        push_enabled: true,
        push_tokens,
        version,
        registered_at: PLACED_AT,
        updated_at: PLACED_AT,
    }
}
