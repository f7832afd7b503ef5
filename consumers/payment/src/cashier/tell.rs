//! What the shop and the log are told of a payment.

use pipeline::{EncodeError, Tx};
use shop_events::{DeclineReason, PaymentCaptured, PaymentDeclined, PaymentRefunded};

use crate::domain::{Payment, State, Told};

pub(super) fn tell(
    tx: &mut Tx,
    payment: &Payment,
    told: Told,
    now: i64,
) -> Result<(), EncodeError> {
    match told {
        Told::Captured => tx.emit(&captured(payment, now)),
        Told::Declined => tx.emit(&declined(payment, now)),
        Told::Refunded => tx.emit(&refunded(payment, now)),
    }
    .map(drop)
}

fn captured(payment: &Payment, captured_at: i64) -> PaymentCaptured {
    PaymentCaptured {
        payment_id: payment.payment_id,
        order_id: payment.order_id,
        user_id: payment.user_id,
        amount: payment.amount,
        currency: payment.currency.clone(),
        provider: payment.provider.clone(),
        provider_ref: payment.intent.clone(),
        captured_at,
    }
}

pub(super) fn declined(payment: &Payment, declined_at: i64) -> PaymentDeclined {
    let decline = payment.decline.as_ref();
    PaymentDeclined {
        payment_id: payment.payment_id,
        order_id: payment.order_id,
        user_id: payment.user_id,
        amount: payment.amount,
        currency: payment.currency.clone(),
        provider: payment.provider.clone(),
        provider_ref: payment.intent.clone(),
        reason: decline.map_or(DeclineReason::Other, |decline| decline.reason),
        detail: decline.and_then(|decline| decline.detail.clone()),
        declined_at,
    }
}

fn refunded(payment: &Payment, refunded_at: i64) -> PaymentRefunded {
    let why = if payment.give_back { "the order has ended" } else { "given back at the provider" };
    PaymentRefunded {
        payment_id: payment.payment_id,
        order_id: payment.order_id,
        user_id: payment.user_id,
        amount: payment.amount,
        currency: payment.currency.clone(),
        provider: payment.provider.clone(),
        provider_ref: payment.refund.clone(),
        detail: Some(why.to_owned()),
        refunded_at,
    }
}

/// Once for each payment that came to something.
pub(super) fn log(before: &Payment, payment: &Payment) {
    if before.state == payment.state {
        return;
    }
    let (order, intent) = (payment.order_id, payment.intent.as_deref());
    match payment.state {
        State::Captured => {
            tracing::info!(order.id = %order, payment.intent = intent, "charged");
        }
        State::Declined => {
            let reason = payment.decline.as_ref().map(|d| format!("{:?}", d.reason));
            tracing::info!(order.id = %order, payment.intent = intent, failure.reason = reason, "declined");
        }
        State::Refunded => {
            tracing::info!(order.id = %order, payment.intent = intent, "given back");
        }
        State::RefundFailed => {
            tracing::error!(order.id = %order, payment.intent = intent, "cannot be given back: the provider has tried and failed, somebody has to");
        }
        state => {
            tracing::debug!(order.id = %order, payment.intent = intent, payment.state = state.name(), "goes on");
        }
    }
}
