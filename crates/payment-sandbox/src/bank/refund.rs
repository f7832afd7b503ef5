//! Refunds: never more than was taken.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Bank, Behaviour, Refusal, Status};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: RefundStatus,
    pub(crate) metadata: BTreeMap<String, String>,
    /// In seconds.
    pub(crate) created: i64,
    /// When a pending one ends, in microseconds.
    pub(crate) due: Option<i64>,
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct NewRefund {
    pub(crate) intent: String,
    /// None: all that is left.
    pub(crate) amount: Option<i64>,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Refund {
    pub(crate) fn view(&self) -> Value {
        json!({
            "id": self.id, "object": "refund", "payment_intent": self.intent,
            "charge": self.intent.replacen("pi_", "ch_", 1),
            "amount": self.amount, "currency": self.currency, "status": self.status,
            "metadata": self.metadata, "created": self.created,
        })
    }
}

impl Bank {
    /// Those of one payment, the latest first.
    pub(crate) fn refunds(&self, intent: &str) -> Vec<Refund> {
        self.refunds.values().rev().filter(|refund| refund.intent == intent).cloned().collect()
    }

    /// What has been given back of a payment, or will be.
    pub(super) fn given_back(&self, intent: &str) -> i64 {
        let refunds = self.refunds.values().filter(|refund| refund.intent == intent);
        refunds.filter(|r| r.status != RefundStatus::Failed).map(|r| r.amount).sum()
    }

    pub(crate) fn refund(&mut self, new: NewRefund) -> Result<Refund, Refusal> {
        let found = self.intents.get(&new.intent).cloned();
        let intent = found
            .ok_or_else(|| Refusal::missing("payment_intent", "payment_intent", &new.intent))?;
        if intent.status != Status::Succeeded {
            let message = "This PaymentIntent does not have a successful charge to refund.".into();
            return Err(Refusal::state("payment_intent_unexpected_state", message, None));
        }
        let left = intent.amount - self.given_back(&intent.id);
        if left == 0 {
            let message = format!("The charge of {} has already been refunded.", intent.id);
            return Err(Refusal::state("charge_already_refunded", message, None));
        }
        let amount = new.amount.unwrap_or(left);
        if !(1..=left).contains(&amount) {
            return Err(Refusal::parameter(
                "amount",
                "Refund amount is greater than what is left.",
            ));
        }
        let pends = [Behaviour::RefundPends, Behaviour::RefundFails];
        let (status, due) = match pends.contains(&intent.method.behaviour()) {
            true => (RefundStatus::Pending, self.later()),
            false => (RefundStatus::Succeeded, None),
        };
        let refund = Refund {
            id: self.id("re"),
            intent: intent.id,
            amount,
            currency: intent.currency,
            status,
            metadata: new.metadata,
            created: self.clock.now_micros() / 1_000_000,
            due,
        };
        self.keep_refund(refund.clone());
        self.happened("refund.created", refund.view(), intent.method);
        Ok(refund)
    }

    pub(super) fn end_refund(&mut self, id: &str) {
        let Some(mut refund) = self.refunds.get(id).cloned() else { return };
        let Ok(intent) = self.intent(&refund.intent) else { return };
        let fails = intent.method.behaviour() == Behaviour::RefundFails;
        let (status, kind) = match fails {
            true => (RefundStatus::Failed, "refund.failed"),
            false => (RefundStatus::Succeeded, "refund.updated"),
        };
        (refund.status, refund.due) = (status, None);
        self.keep_refund(refund.clone());
        self.happened(kind, refund.view(), intent.method);
    }
}
