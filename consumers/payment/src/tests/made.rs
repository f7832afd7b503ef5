//! Records of the order service, made for tests.

use shop_events::*;
use uuid::Uuid;

/// 5 March 2026.
pub(super) const AT: i64 = 1_772_668_800_000_000;

macro_rules! of_order {
    ($type:ident, $order:expr, $($own:tt)*) => {
        $type {
            order_id: Uuid::from_u128($order),
            user_id: Uuid::from_u128(7),
            channel: "web".into(),
            order_ref: None,
            email: None,
            name: None,
            lines: vec![OrderLine {
                product_id: "TEA".into(),
                name: None,
                quantity: 2,
                unit_price: None,
                line_total: 1177,
            }],
            total: 1177,
            currency: "EUR".into(),
            placed_at: AT,
            $($own)*
        }
    };
}

pub(super) fn reserved(order: u128, method: &str) -> OrderReserved {
    let payment_method = Some(method.to_owned()).filter(|method| !method.is_empty());
    of_order!(OrderReserved, order, payment_method, reserved_at: AT)
}

pub(super) fn cancelled(order: u128) -> OrderCancelled {
    let reason = CancelReason::Customer;
    of_order!(OrderCancelled, order, reason, detail: None, cancelled_by: None, cancelled_at: AT)
}

pub(super) fn rejected(order: u128) -> OrderRejected {
    let reason = RejectReason::Other;
    of_order!(OrderRejected, order, reason, detail: None, shortages: vec![], rejected_at: AT)
}
