//! The books, for tests and for whoever checks that money adds up.

use serde_json::{Value, json};

use super::{Bank, RefundStatus, Status};

impl Bank {
    /// Every payment with what it has taken and given back, and the sums.
    pub(crate) fn ledger(&self) -> Value {
        let (mut taken, mut given_back) = (0, 0);
        let payments: Vec<Value> = self
            .intents
            .values()
            .map(|intent| {
                let took = intent.amount * i64::from(intent.charges);
                let of_intent = self.refunds.values().filter(|r| r.intent == intent.id);
                let back: i64 = of_intent
                    .filter(|r| r.status == RefundStatus::Succeeded)
                    .map(|r| r.amount)
                    .sum();
                (taken, given_back) = (taken + took, given_back + back);
                json!({
                    "payment_intent": intent.id,
                    "order_id": intent.metadata.get("order_id"),
                    "amount": intent.amount,
                    "currency": intent.currency.to_uppercase(),
                    "payment_method": intent.method.name(),
                    "status": intent.status,
                    "open": matches!(intent.status, Status::Processing),
                    "confirmed": intent.confirmed,
                    "charges": intent.charges,
                    "taken": took,
                    "given_back": back,
                    "pending": self.given_back(&intent.id) - back,
                })
            })
            .collect();
        json!({ "payments": payments, "taken": taken, "given_back": given_back })
    }
}
