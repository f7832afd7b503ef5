//! A model of a provider, which fails where it is told to and remembers no idempotency keys at all:
//! what holds on it holds a day later, too.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::domain::{Intent, Outcome, Refund, Status};
use crate::provider::{Charge, Provider, Said, Trouble};

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not get there, and nobody says so.
    LostBefore,
    /// It is done, and the answer does not come back.
    LostAfter,
    /// Who sends it stands still before, and goes on when all others are done.
    StopsBefore,
    /// The same after it was done, with the answer in hand.
    StopsAfter,
}

pub(super) const FAULTS: [Fault; 4] =
    [Fault::LostBefore, Fault::LostAfter, Fault::StopsBefore, Fault::StopsAfter];

#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) order_id: Uuid,
    pub(super) intent: Intent,
    pub(super) charges: u32,
    pub(super) refunds: Vec<Refund>,
}

/// The provider.
#[derive(Default)]
pub(super) struct Bank(Mutex<Vec<Kept>>);

impl Bank {
    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().expect("no panic")
    }

    pub(super) fn of(&self, order_id: Uuid) -> Vec<Kept> {
        self.lock().iter().filter(|kept| kept.order_id == order_id).cloned().collect()
    }

    fn at<T>(
        &self,
        id: &str,
        work: impl FnOnce(&mut Kept) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut all = self.lock();
        let found = all.iter_mut().find(|kept| kept.intent.id == id);
        work(found.ok_or_else(|| Trouble::Wrong("no such payment".into()))?)
    }
}

/// One client's connection to it.
pub(super) struct Line {
    bank: Arc<Bank>,
    /// Which of its requests it happens to, from 0, and what.
    fault: Option<(usize, Fault)>,
    requests: AtomicUsize,
    /// It has happened.
    pub(super) happened: CancellationToken,
    pub(super) go_on: CancellationToken,
}

impl Line {
    pub(super) fn new(bank: &Arc<Bank>, fault: Option<(usize, Fault)>) -> Arc<Self> {
        Arc::new(Line {
            bank: bank.clone(),
            fault,
            requests: AtomicUsize::new(0),
            happened: CancellationToken::new(),
            go_on: CancellationToken::new(),
        })
    }

    async fn request<T>(
        &self,
        work: impl FnOnce(&Bank) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let fault = self.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        let lost = || Err(Trouble::NoAnswer("nobody answers".into()));
        // Others get their turn between any two requests.
        tokio::task::yield_now().await;
        match fault {
            None => work(&self.bank),
            Some(fault) => {
                if fault != Fault::StopsAfter {
                    self.happened.cancel();
                }
                if fault == Fault::StopsBefore {
                    self.go_on.cancelled().await;
                }
                if fault == Fault::LostBefore {
                    return lost();
                }
                let answer = work(&self.bank);
                if fault == Fault::StopsAfter {
                    self.happened.cancel();
                    self.go_on.cancelled().await;
                }
                if fault == Fault::LostAfter { lost() } else { answer }
            }
        }
    }
}

fn state(kept: &Kept) -> Trouble {
    Trouble::State(format!("it is {:?}", kept.intent.status))
}

impl Provider for Line {
    fn name(&self) -> &'static str {
        "model"
    }

    fn make<'a>(&'a self, charge: Charge<'a>) -> Said<'a, String> {
        let Charge { order_id, amount, currency, .. } = charge;
        self.request(move |bank| {
            let mut all = bank.lock();
            let id = format!("pi_{}", all.len());
            let intent =
                Intent { id: id.clone(), amount, currency: currency.into(), status: Status::Ready };
            all.push(Kept { order_id, intent, charges: 0, refunds: Vec::new() });
            Ok(id)
        })
        .boxed()
    }

    fn confirm<'a>(&'a self, _: Uuid, intent: &'a str) -> Said<'a, Intent> {
        self.request(move |bank| {
            bank.at(intent, |kept| {
                if kept.intent.status != Status::Ready {
                    return Err(state(kept));
                }
                kept.charges += 1;
                kept.intent.status = Status::Succeeded;
                Ok(kept.intent.clone())
            })
        })
        .boxed()
    }

    fn cancel<'a>(&'a self, _: Uuid, intent: &'a str) -> Said<'a, Intent> {
        self.request(move |bank| {
            bank.at(intent, |kept| {
                if kept.intent.status != Status::Ready {
                    return Err(state(kept));
                }
                kept.intent.status = Status::Cancelled;
                Ok(kept.intent.clone())
            })
        })
        .boxed()
    }

    fn intent<'a>(&'a self, intent: &'a str) -> Said<'a, Intent> {
        self.request(move |bank| bank.at(intent, |kept| Ok(kept.intent.clone()))).boxed()
    }

    fn refund<'a>(&'a self, _: Uuid, intent: &'a str) -> Said<'a, Refund> {
        self.request(move |bank| {
            bank.at(intent, |kept| {
                if kept.charges == 0 || !kept.refunds.is_empty() {
                    return Err(state(kept));
                }
                let (id, amount) = (kept.intent.id.replace("pi", "re"), kept.intent.amount);
                let refund = Refund { id, amount, outcome: Outcome::Succeeded };
                kept.refunds.push(refund.clone());
                Ok(refund)
            })
        })
        .boxed()
    }

    fn refunds<'a>(&'a self, intent: &'a str) -> Said<'a, Vec<Refund>> {
        self.request(move |bank| bank.at(intent, |kept| Ok(kept.refunds.clone()))).boxed()
    }

    fn answers(&self) -> BoxFuture<'_, bool> {
        async { true }.boxed()
    }
}
