//! What somebody on call asks: does anybody guess passwords, are tokens stolen?

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Counters of what people try.
#[derive(Clone, Default)]
pub(crate) struct Counted {
    sign_ins: Family<Outcome, Counter>,
    refreshes: Family<Outcome, Counter>,
}

impl Counted {
    /// Each outcome is there from the beginning, so that its first time is seen too.
    pub(crate) fn register(&self, registry: &mut Registry) {
        for outcome in ["accepted", "refused"] {
            drop(self.sign_ins.get_or_create(&Outcome { outcome }));
        }
        for outcome in ["carried_on", "refused", "used_again"] {
            drop(self.refreshes.get_or_create(&Outcome { outcome }));
        }
        registry.register("sign_ins", "Passwords that were tried", self.sign_ins.clone());
        registry.register("refreshes", "Refresh tokens that were used", self.refreshes.clone());
    }

    pub(crate) fn sign_in(&self, accepted: bool) {
        let outcome = if accepted { "accepted" } else { "refused" };
        self.sign_ins.get_or_create(&Outcome { outcome }).inc();
    }

    /// `carried_on`, `refused` or `used_again`.
    pub(crate) fn refresh(&self, outcome: &'static str) {
        self.refreshes.get_or_create(&Outcome { outcome }).inc();
    }
}
