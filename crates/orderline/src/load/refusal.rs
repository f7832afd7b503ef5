//! Why orders were not accepted.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde::Serialize;
use serde_json::Value;

/// Reasons that are told apart; whatever comes after them is counted together.
const REASONS: usize = 20;
const OTHERS: &str = "other reasons";

/// An order that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Refusal {
    /// Of the answer by HTTP; none: there was none, or a broker refused a record.
    pub(super) status: Option<u16>,
    pub(super) reason: String,
}

impl Refusal {
    /// An answer that is no 202: in the words of its problem document where it is one.
    pub(super) fn answered(status: StatusCode, body: &str) -> Self {
        let problem: Value = serde_json::from_str(body).unwrap_or_default();
        let first = &problem["errors"][0];
        let reason = match (first["field"].as_str(), first["problem"].as_str()) {
            (Some(field), Some(problem)) => format!("{field} {problem}"),
            _ => problem["detail"].as_str().unwrap_or(body).trim().to_owned(),
        };
        let reason = reason.chars().filter(|c| !c.is_control()).take(200).collect();
        Refusal { status: Some(status.as_u16()), reason }
    }

    pub(super) fn unanswered(reason: impl Into<String>) -> Self {
        Refusal { status: None, reason: reason.into() }
    }
}

/// How often each.
#[derive(Debug, Default)]
pub(super) struct Refusals(BTreeMap<Refusal, u64>);

/// One line of the report.
#[derive(Debug, Serialize)]
pub(super) struct Counted {
    status: Option<u16>,
    reason: String,
    pub(super) orders: u64,
}

impl Refusals {
    pub(super) fn add(&mut self, mut refusal: Refusal) {
        if self.0.len() >= REASONS && !self.0.contains_key(&refusal) {
            refusal.reason = OTHERS.into();
        }
        *self.0.entry(refusal).or_default() += 1;
    }

    pub(super) fn counted(&self) -> Vec<Counted> {
        let line = |(refusal, orders): (&Refusal, &u64)| Counted {
            status: refusal.status,
            reason: refusal.reason.clone(),
            orders: *orders,
        };
        self.0.iter().map(line).collect()
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let status = self.status.map_or("no answer".into(), |status| status.to_string());
        write!(f, "{} refused ({status}): {}", self.orders, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_service() {
        let answered = |body| Refusal::answered(StatusCode::UNPROCESSABLE_ENTITY, body).reason;
        let fields = r#"{"detail":"d","errors":[{"field":"lines[0].sku","problem":"is none"}]}"#;
        assert_eq!(answered(fields), "lines[0].sku is none");
        assert_eq!(answered(r#"{"detail":"too busy"}"#), "too busy");
        assert_eq!(answered("<html>\n"), "<html>");
    }

    #[test]
    fn refusals_are_counted_by_status_and_reason_and_their_number_is_bounded() {
        let mut refusals = Refusals::default();
        for number in 0..100 {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            refusals.add(Refusal::answered(status, &format!("reason {number}")));
            refusals.add(Refusal::answered(status, "reason 0"));
        }
        let counted = refusals.counted();
        assert_eq!(counted.len(), REASONS + 1);
        assert_eq!(counted.iter().map(|line| line.orders).sum::<u64>(), 200);
        assert!(counted.iter().any(|line| line.reason == "reason 0" && line.orders == 101));
    }
}
