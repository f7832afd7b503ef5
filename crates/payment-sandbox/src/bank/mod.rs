//! The bank behind the API: payments, refunds, and the money that has moved. No I/O but its journal.

mod intent;
mod journal;
mod keys;
mod ledger;
mod methods;
mod refund;
mod refusal;

use std::collections::BTreeMap;
use std::time::Duration;

use pipeline::{Clock, Random};
use serde_json::{Value, json};

pub(crate) use intent::{Intent, NewIntent, Status};
pub(crate) use journal::Journal;
pub(crate) use keys::{Begun, Keys, Said};
pub(crate) use methods::{Behaviour, Method};
pub(crate) use refund::{NewRefund, Refund, RefundStatus};
pub(crate) use refusal::Refusal;

use crate::settings::Settings;

/// Everything that is remembered.
pub(crate) struct Bank {
    intents: BTreeMap<String, Intent>,
    refunds: BTreeMap<String, Refund>,
    pub(crate) keys: Keys,
    news: Vec<News>,
    clock: Clock,
    random: Random,
    /// How long what takes its time takes.
    slow: Duration,
    /// Whether a method pays once.
    single_use: bool,
    journal: Option<Journal>,
}

/// An event for webhooks, and how often it is sent.
#[derive(Debug, Clone)]
pub(crate) struct News {
    pub(crate) event: Value,
    pub(crate) times: u32,
}

impl Bank {
    pub(crate) fn new(clock: Clock, random: Random, settings: &Settings) -> Self {
        Bank {
            intents: BTreeMap::new(),
            refunds: BTreeMap::new(),
            keys: Keys::new(clock.clone()),
            news: Vec::new(),
            clock,
            random,
            slow: settings.slow(),
            single_use: settings.single_use,
            journal: None,
        }
    }

    /// From now on everything is written there first.
    pub(crate) fn write_to(&mut self, journal: Journal) {
        self.journal = Some(journal);
    }

    /// What has happened since the last time somebody asked.
    pub(crate) fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Ends what has taken long enough, and returns what has happened.
    pub(crate) fn pass_time(&mut self) -> Vec<News> {
        let now = self.clock.now_micros();
        let is_due = |due: Option<i64>| due.is_some_and(|due| due <= now);
        let due = self.intents.values().filter(|i| is_due(i.due));
        for id in due.map(|i| i.id.clone()).collect::<Vec<_>>() {
            self.end_processing(&id);
        }
        let due = self.refunds.values().filter(|r| is_due(r.due));
        for id in due.map(|r| r.id.clone()).collect::<Vec<_>>() {
            self.end_refund(&id);
        }
        self.news()
    }

    /// Remembers what was answered to a key.
    pub(crate) fn said(&mut self, key: &str, said: Said) {
        if let Some(journal) = &mut self.journal {
            journal.said(key, &said);
        }
        self.keys.ended(key, said);
    }

    fn id(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.random.uuid_v7(self.clock.now_micros()).simple())
    }

    /// When what begins now has taken its time.
    fn later(&self) -> Option<i64> {
        let slow = i64::try_from(self.slow.as_micros()).unwrap_or(i64::MAX);
        Some(self.clock.now_micros().saturating_add(slow))
    }

    fn keep_intent(&mut self, intent: Intent) {
        if let Some(journal) = &mut self.journal {
            journal.intent(&intent);
        }
        self.intents.insert(intent.id.clone(), intent);
    }

    fn keep_refund(&mut self, refund: Refund) {
        if let Some(journal) = &mut self.journal {
            journal.refund(&refund);
        }
        self.refunds.insert(refund.id.clone(), refund);
    }

    fn happened(&mut self, kind: &str, object: Value, method: Method) {
        let event = json!({
            "id": self.id("evt"),
            "object": "event",
            "api_version": "sandbox",
            "created": self.clock.now_micros() / 1_000_000,
            "livemode": false,
            "type": kind,
            "data": { "object": object },
        });
        let times = if method.behaviour() == Behaviour::WebhookTwice { 2 } else { 1 };
        self.news.push(News { event, times });
    }
}
