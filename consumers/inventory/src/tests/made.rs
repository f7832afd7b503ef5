//! Records of other services, made for tests.

use shop_events::*;
use uuid::Uuid;

pub(super) fn placed(order: u128, lines: &[(&str, i64)]) -> OrderPlaced {
    let line = |(product, quantity): &(&str, i64)| OrderLine {
        product_id: (*product).into(),
        name: None,
        quantity: *quantity,
        unit_price: None,
        line_total: 100,
    };
    OrderPlaced {
        order_id: Uuid::from_u128(order),
        user_id: Uuid::nil(),
        channel: "web".into(),
        order_ref: None,
        email: None,
        name: None,
        lines: lines.iter().map(line).collect(),
        total: 100,
        currency: "EUR".into(),
        placed_at: 0,
        checkout_id: None,
        cart_id: None,
    }
}

/// The fields that all records of an order share, and then its own.
macro_rules! of_order {
    ($type:ident, $order:expr, $($own:tt)*) => {{
        let OrderPlaced {
            order_id, user_id, channel, order_ref, email, name, lines, total, currency, placed_at, ..
        } = placed($order, &[]);
        $type {
            order_id, user_id, channel, order_ref, email, name, lines, total, currency, placed_at,
            $($own)*
        }
    }};
}

pub(super) fn completed(order: u128) -> OrderCompleted {
    of_order!(OrderCompleted, order, payment_id: None, completed_at: 0)
}

pub(super) fn rejected(order: u128) -> OrderRejected {
    let reason = RejectReason::PaymentDeclined;
    of_order!(OrderRejected, order, reason, detail: None, shortages: vec![], rejected_at: 0)
}

pub(super) fn cancelled(order: u128) -> OrderCancelled {
    let reason = CancelReason::Customer;
    of_order!(OrderCancelled, order, reason, detail: None, cancelled_by: None, cancelled_at: 0)
}

pub(super) fn listed(product: &str, restocked_total: i64) -> ProductListed {
    ProductListed {
        product_id: product.into(),
        name: product.into(),
        description: String::new(),
        price: 100,
        currency: "EUR".into(),
        listed: true,
        restocked_total,
        version: 1,
        updated_at: 0,
    }
}

pub(super) fn restocked(product: &str, quantity: i64, restocked_total: i64) -> ProductRestocked {
    let ProductListed { product_id, name, description, price, currency, listed, version, .. } =
        listed(product, restocked_total);
    ProductRestocked {
        product_id,
        name,
        description,
        price,
        currency,
        listed,
        restocked_total,
        version,
        updated_at: 0,
        quantity,
    }
}

pub(super) fn delisted(product: &str, restocked_total: i64) -> ProductDelisted {
    let ProductListed { product_id, name, description, price, currency, version, .. } =
        listed(product, restocked_total);
    ProductDelisted {
        product_id,
        name,
        description,
        price,
        currency,
        listed: false,
        restocked_total,
        version,
        updated_at: 0,
    }
}
