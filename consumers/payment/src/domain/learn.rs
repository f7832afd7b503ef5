//! What follows from what the provider says. Whoever says it again says nothing new, and late news
//! undoes no later one.

use super::{Decline, Intent, Outcome, Payment, Refund, State, Status};

/// What the provider has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// It knows the payment by this name.
    Made(String),
    /// How it stands.
    Intent(Intent),
    /// It will not take the payment at all.
    Refused(Decline),
    /// All that was given back.
    Refunds(Vec<Refund>),
    /// Nothing was begun, and nothing will be.
    Closed,
}

/// What others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Captured,
    Declined,
    Refunded,
}

/// A payment after the news, and what is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Learned {
    pub(crate) payment: Payment,
    pub(crate) told: Option<Told>,
}

/// The provider speaks of another payment than ours.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the provider has {theirs} under {intent}, and the order costs {ours}")]
pub(crate) struct Contradiction {
    intent: String,
    theirs: String,
    ours: String,
}

impl Payment {
    /// None where that is no news. `against` is why it was cancelled, if it was.
    pub(crate) fn learn(
        &self,
        news: &News,
        against: Option<&Decline>,
        now: i64,
    ) -> Result<Option<Learned>, Contradiction> {
        let learned = match news {
            News::Made(id) => (self.state == State::Open && !self.give_back)
                .then(|| self.to(State::Asked, None, |p| p.intent = Some(id.clone()))),
            News::Closed => (self.state == State::Open).then(|| self.to(State::Void, None, |_| {})),
            News::Refused(decline) => (self.state == State::Open).then(|| self.declined(decline)),
            News::Intent(intent) => self.stands(intent, against)?,
            News::Refunds(refunds) => self.given_back(refunds, now),
        };
        Ok(learned)
    }

    fn stands(
        &self,
        intent: &Intent,
        against: Option<&Decline>,
    ) -> Result<Option<Learned>, Contradiction> {
        if self.intent.as_ref() != Some(&intent.id) {
            return Ok(None);
        }
        if (intent.amount, &intent.currency) != (self.amount, &self.currency) {
            return Err(Contradiction {
                intent: intent.id.clone(),
                theirs: format!("{} {}", intent.amount, intent.currency),
                ours: format!("{} {}", self.amount, self.currency),
            });
        }
        let undecided = matches!(self.state, State::Asked | State::Processing);
        Ok(match &intent.status {
            Status::Succeeded if undecided => {
                Some(self.to(State::Captured, Some(Told::Captured), |_| {}))
            }
            // It was told that nothing is charged, and then something was: nobody waits for that.
            Status::Succeeded if matches!(self.state, State::Declined | State::Void) => {
                Some(self.to(State::Captured, Some(Told::Captured), |p| p.give_back = true))
            }
            Status::Declined(decline) if undecided => Some(self.declined(decline)),
            Status::Cancelled if undecided && self.give_back => {
                Some(self.to(State::Void, None, |_| {}))
            }
            Status::Cancelled if undecided => {
                let reason = shop_events::DeclineReason::Other;
                let by_hand = Decline::new(reason, "cancelled at the provider");
                Some(self.declined(against.unwrap_or(&by_hand)))
            }
            Status::Processing if self.state == State::Asked => {
                Some(self.to(State::Processing, None, |_| {}))
            }
            _ => None,
        })
    }

    fn given_back(&self, refunds: &[Refund], now: i64) -> Option<Learned> {
        let sum = |outcome| -> i64 {
            refunds.iter().filter(|r| r.outcome == outcome).map(|r| r.amount).sum()
        };
        let (done, pending) = (sum(Outcome::Succeeded), sum(Outcome::Pending));
        let of = |outcome| refunds.iter().find(|r| r.outcome == outcome).map(|r| r.id.clone());
        let state = match self.state {
            State::Captured | State::Refunding | State::Refunded | State::RefundFailed => {
                if done >= self.amount {
                    State::Refunded
                } else if done + pending >= self.amount {
                    State::Refunding
                } else if sum(Outcome::Failed) > 0 && self.was_given_back() {
                    State::RefundFailed
                } else {
                    return None;
                }
            }
            _ => return None,
        };
        if state == self.state {
            return None;
        }
        // Told once, also where the provider changes its mind in between.
        let first = state == State::Refunded && self.refunded_at.is_none();
        Some(self.to(state, first.then_some(Told::Refunded), |payment| {
            payment.refund =
                of(Outcome::Succeeded).or(of(Outcome::Pending)).or(of(Outcome::Failed));
            if first {
                payment.refunded_at = Some(now);
            }
        }))
    }

    /// Whether it should be, or has been.
    fn was_given_back(&self) -> bool {
        self.give_back || matches!(self.state, State::Refunding | State::Refunded)
    }

    fn declined(&self, decline: &Decline) -> Learned {
        self.to(State::Declined, Some(Told::Declined), |p| p.decline = Some(decline.clone()))
    }

    fn to(&self, state: State, told: Option<Told>, change: impl FnOnce(&mut Self)) -> Learned {
        let mut payment = Payment { state, ..self.clone() };
        change(&mut payment);
        Learned { payment, told }
    }
}
