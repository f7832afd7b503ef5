//! PaymentIntents: made, confirmed, cancelled. Each takes money once at most.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Bank, Behaviour, Method, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    Processing,
    Succeeded,
    Canceled,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) method: Method,
    pub(crate) status: Status,
    pub(crate) metadata: BTreeMap<String, String>,
    /// In seconds.
    pub(crate) created: i64,
    /// How often it was confirmed.
    pub(crate) confirmed: u32,
    /// How often it has taken money: never more than once.
    pub(crate) charges: u32,
    pub(crate) error: Option<Value>,
    /// When what is processed ends, in microseconds.
    pub(crate) due: Option<i64>,
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct NewIntent {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) method: Method,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Intent {
    pub(crate) fn view(&self) -> Value {
        let received = if self.status == Status::Succeeded { self.amount } else { 0 };
        let charge = (self.charges > 0).then(|| self.id.replacen("pi_", "ch_", 1));
        json!({
            "id": self.id, "object": "payment_intent", "livemode": false,
            "amount": self.amount, "amount_received": received, "currency": self.currency,
            "status": self.status, "payment_method": self.method.name(),
            "metadata": self.metadata, "created": self.created,
            "latest_charge": charge, "last_payment_error": self.error,
        })
    }

    fn refused(&self, verb: &str) -> Refusal {
        let status = serde_json::to_value(self.status).unwrap_or_default();
        let status = status.as_str().unwrap_or_default();
        let message =
            format!("You cannot {verb} this PaymentIntent because it has a status of {status}.");
        Refusal::state("payment_intent_unexpected_state", message, Some(self.view()))
    }
}

impl Bank {
    pub(crate) fn create(&mut self, new: NewIntent) -> Result<Intent, Refusal> {
        self.may_be_used(new.method, None)?;
        let NewIntent { amount, currency, method, metadata } = new;
        let intent = Intent {
            id: self.id("pi"),
            amount,
            currency,
            method,
            status: Status::RequiresConfirmation,
            metadata,
            created: self.clock.now_micros() / 1_000_000,
            confirmed: 0,
            charges: 0,
            error: None,
            due: None,
        };
        self.keep_intent(intent.clone());
        Ok(intent)
    }

    /// Whether no other payment has used it, where that matters.
    fn may_be_used(&self, method: Method, by: Option<&str>) -> Result<(), Refusal> {
        let used = |i: &Intent| i.method == method && i.confirmed > 0 && by != Some(&*i.id);
        if self.single_use && self.intents.values().any(used) {
            return Err(Refusal::used_before());
        }
        Ok(())
    }

    pub(crate) fn intent(&self, id: &str) -> Result<Intent, Refusal> {
        let found = self.intents.get(id).cloned();
        found.ok_or_else(|| Refusal::not_found("payment_intent", id))
    }

    /// Notes a confirmation that will never be answered, and changes nothing else.
    pub(crate) fn never_answered(&mut self, id: &str) {
        if let Ok(mut intent) = self.intent(id) {
            intent.confirmed += 1;
            self.keep_intent(intent);
        }
    }

    /// Takes the money, where the card gives it.
    pub(crate) fn confirm(&mut self, id: &str) -> Result<Intent, Refusal> {
        let mut intent = self.intent(id)?;
        if intent.status != Status::RequiresConfirmation {
            return Err(intent.refused("confirm"));
        }
        self.may_be_used(intent.method, Some(&intent.id))?;
        intent.confirmed += 1;
        match intent.method.behaviour() {
            Behaviour::Declines(code, decline, words) => {
                let error = self.decline(intent, code, decline, words);
                return Err(Refusal::declined(error));
            }
            Behaviour::Processes | Behaviour::ProcessesThenDeclines => {
                (intent.status, intent.due) = (Status::Processing, self.later());
                self.keep_intent(intent.clone());
                self.happened("payment_intent.processing", intent.view(), intent.method);
            }
            _ => intent = self.charge(intent),
        }
        Ok(intent)
    }

    /// Sees to it that it will never take money.
    pub(crate) fn cancel(&mut self, id: &str) -> Result<Intent, Refusal> {
        let mut intent = self.intent(id)?;
        let can = [Status::RequiresConfirmation, Status::RequiresPaymentMethod];
        if !can.contains(&intent.status) {
            return Err(intent.refused("cancel"));
        }
        intent.status = Status::Canceled;
        self.keep_intent(intent.clone());
        self.happened("payment_intent.canceled", intent.view(), intent.method);
        Ok(intent)
    }

    pub(super) fn end_processing(&mut self, id: &str) {
        let Ok(mut intent) = self.intent(id) else { return };
        intent.due = None;
        if intent.method.behaviour() == Behaviour::ProcessesThenDeclines {
            let words = "Your account has insufficient funds.";
            self.decline(intent, "card_declined", "insufficient_funds", words);
        } else {
            self.charge(intent);
        }
    }

    fn charge(&mut self, mut intent: Intent) -> Intent {
        intent.status = Status::Succeeded;
        intent.charges += 1;
        self.keep_intent(intent.clone());
        self.happened("payment_intent.succeeded", intent.view(), intent.method);
        intent
    }

    /// Returns the error with the intent in it, as the API gives it.
    fn decline(&mut self, mut intent: Intent, code: &str, decline: &str, words: &str) -> Value {
        let error = json!({
            "type": "card_error", "code": code, "decline_code": decline, "message": words,
        });
        (intent.status, intent.error) = (Status::RequiresPaymentMethod, Some(error.clone()));
        self.keep_intent(intent.clone());
        self.happened("payment_intent.payment_failed", intent.view(), intent.method);
        let mut error = error;
        error["payment_intent"] = intent.view();
        error
    }
}
