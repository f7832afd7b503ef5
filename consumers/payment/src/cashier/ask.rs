//! One step of a payment at the provider.

use pipeline::Failure;
use shop_events::DeclineReason;

use super::Cashier;
use crate::domain::{Decline, Heard, News, Payment, Status, Step};
use crate::provider::{Charge, Trouble};

impl Cashier {
    /// Asks the provider, and returns what it says.
    pub(super) async fn ask(
        &self,
        payment: &Payment,
        step: Step,
        heard: &mut Heard,
    ) -> Result<News, Failure> {
        let provider = &*self.0.provider;
        let intent = payment.intent.as_deref().unwrap_or_default();
        let order_id = payment.order_id;
        match step {
            Step::Close => Ok(News::Closed),
            Step::Decline => Ok(News::Refused(heard.against.clone().unwrap_or_else(too_late))),
            Step::Make => {
                let charge = Charge {
                    order_id,
                    amount: payment.amount,
                    currency: &payment.currency,
                    method: payment.method.as_deref().unwrap_or_default(),
                };
                match provider.make(charge).await {
                    Ok(id) => {
                        heard.intent = Some(Status::Ready);
                        Ok(News::Made(id))
                    }
                    Err(Trouble::Declined(decline)) => Ok(News::Refused(decline)),
                    // Nothing is in doubt that could cost money, so that it need not be tried in vain.
                    Err(Trouble::NoAnswer(why)) => Err(self.no_answer(why).await),
                    Err(trouble) => Err(changing(trouble)),
                }
            }
            Step::Confirm | Step::Cancel => {
                let said = match step {
                    Step::Confirm => provider.confirm(order_id, intent).await,
                    _ => provider.cancel(order_id, intent).await,
                };
                match said {
                    Ok(intent) => {
                        heard.intent = Some(intent.status.clone());
                        Ok(News::Intent(intent))
                    }
                    // It stands otherwise than we thought: how, is asked again.
                    Err(Trouble::State(_)) => self.look(payment, heard).await,
                    // Where it can still be charged, it is cancelled before that is told.
                    Err(Trouble::Declined(decline)) if step == Step::Confirm => {
                        heard.against = Some(decline);
                        self.look(payment, heard).await
                    }
                    Err(trouble) => Err(changing(trouble)),
                }
            }
            Step::Look => self.look(payment, heard).await,
            Step::LookAtRefunds => self.look_at_refunds(payment, heard).await,
            Step::Refund => match provider.refund(order_id, intent).await {
                Ok(refund) => {
                    let refunds = heard.refunds.get_or_insert_default();
                    refunds.retain(|known| known.id != refund.id);
                    refunds.push(refund);
                    Ok(News::Refunds(refunds.clone()))
                }
                Err(Trouble::State(_)) => self.look_at_refunds(payment, heard).await,
                Err(trouble) => Err(changing(trouble)),
            },
        }
    }

    async fn look(&self, payment: &Payment, heard: &mut Heard) -> Result<News, Failure> {
        let intent = payment.intent.as_deref().unwrap_or_default();
        match self.0.provider.intent(intent).await {
            Ok(intent) => {
                heard.intent = Some(intent.status.clone());
                Ok(News::Intent(intent))
            }
            Err(trouble) => Err(self.reading(trouble).await),
        }
    }

    async fn look_at_refunds(&self, payment: &Payment, heard: &mut Heard) -> Result<News, Failure> {
        let intent = payment.intent.as_deref().unwrap_or_default();
        match self.0.provider.refunds(intent).await {
            Ok(refunds) => {
                heard.refunds = Some(refunds.clone());
                Ok(News::Refunds(refunds))
            }
            Err(trouble) => Err(self.reading(trouble).await),
        }
    }

    async fn reading(&self, trouble: Trouble) -> Failure {
        match trouble {
            Trouble::NoAnswer(why) => self.no_answer(why).await,
            Trouble::Busy(why) | Trouble::State(why) => Failure::retry(why),
            trouble => changing(trouble),
        }
    }

    /// Whether it was this request, or the provider is mute.
    async fn no_answer(&self, why: String) -> Failure {
        if self.0.provider.answers().await {
            Failure::retry(why)
        } else {
            Failure::unavailable(why)
        }
    }
}

/// Why what was reserved long ago is not charged.
pub(super) fn too_late() -> Decline {
    Decline::new(DeclineReason::Other, "it could not be charged in time")
}

/// The fate of an order whose payment was to be changed.
fn changing(trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Away(why) => Failure::unavailable(why),
        Trouble::NoAnswer(why) | Trouble::Busy(why) | Trouble::State(why) => Failure::in_doubt(why),
        Trouble::Wrong(why) => Failure::reject(why),
        Trouble::Declined(decline) => Failure::reject(decline.detail.unwrap_or_default()),
    }
}
