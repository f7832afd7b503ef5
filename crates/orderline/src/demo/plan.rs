//! The orders of the demo, and how each should end.

use super::stock::Levels;

/// How an order reaches the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A cart that is filled and checked out.
    Cart,
    /// `POST /orders`.
    Http,
    /// `CartCheckedOut` on the topic `carts`.
    Record,
}

/// When its customer takes an order back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Regret {
    AtOnce,
    OncePaid,
}

impl Way {
    pub(super) fn words(self) -> &'static str {
        match self {
            Way::Cart => "cart",
            Way::Http => "HTTP",
            Way::Record => "record",
        }
    }
}

/// An order to place.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) customer: &'static str,
    pub(super) lines: Vec<(&'static str, i64)>,
    /// What is special about it.
    pub(super) special: &'static str,
    pub(super) way: Way,
    pub(super) regret: Option<Regret>,
    /// Whether the customer has a page of the shop open.
    pub(super) page: bool,
    /// How it is paid, where not as the shop does by default.
    pub(super) method: Option<&'static str>,
    /// The state it should end in.
    pub(super) end: &'static str,
    /// What should become of its payment, where that is what it shows.
    pub(super) payment: Option<&'static str>,
}

impl Planned {
    /// `3 CLOCK-01, all there are`.
    pub(super) fn words(&self) -> String {
        let lines = self.lines.iter().map(|(sku, quantity)| format!("{quantity} {sku}"));
        let special = Some(self.special.to_owned()).filter(|special| !special.is_empty());
        lines.chain(special).collect::<Vec<_>>().join(", ")
    }
}

/// All of them. `CLOCK-01` is sold to the last piece, `SHIP-01` is asked for beyond its stock.
pub(super) fn orders(levels: &Levels) -> Vec<Planned> {
    let order = |customer, way, lines: &[(&'static str, i64)]| Planned {
        customer,
        lines: lines.to_vec(),
        special: "",
        way,
        regret: None,
        page: false,
        method: None,
        end: "completed",
        payment: None,
    };
    let stock = |sku: &str| levels.get(sku).map_or(0, |level| level.available);
    use Way::{Cart, Http, Record};
    vec![
        Planned { page: true, ..order("Ada", Cart, &[("TEA-01", 2), ("MUG-01", 1)]) },
        order("Grace", Cart, &[("TEA-02", 1), ("MUG-01", 2)]),
        Planned {
            special: "no money",
            page: true,
            method: Some("pm_card_visa_chargeDeclinedInsufficientFunds"),
            end: "rejected",
            payment: Some("declined"),
            ..order("Evariste", Cart, &[("TEA-02", 2)])
        },
        Planned {
            special: "cancelled when paid",
            regret: Some(Regret::OncePaid),
            page: true,
            end: "cancelled",
            payment: Some("refunded"),
            ..order("Maryam", Http, &[("MUG-01", 1)])
        },
        Planned {
            special: "a slow bank",
            page: true,
            method: Some("pm_sandbox_processing"),
            end: "cancelled",
            ..order("Kurt", Http, &[("TEA-01", 1)])
        },
        Planned {
            special: "one too many",
            page: true,
            end: "rejected",
            ..order("Niklaus", Http, &[("SHIP-01", stock("SHIP-01") + 1)])
        },
        Planned {
            special: "all there are",
            ..order("Edsger", Http, &[("CLOCK-01", stock("CLOCK-01"))])
        },
        Planned {
            special: "cancelled at once",
            regret: Some(Regret::AtOnce),
            end: "cancelled",
            ..order("Frances", Http, &[("LAMP-01", 1)])
        },
        order("Ken", Record, &[("TEA-01", 1), ("MUG-01", 1)]),
        order("Alan", Http, &[("POT-01", 1), ("TEA-01", 3)]),
        order("Barbara", Http, &[("KETTLE-01", 1)]),
        order("Donald", Http, &[("MUG-01", 6)]),
        order("Margaret", Http, &[("LAMP-01", 2)]),
        order("Radia", Http, &[("TEA-02", 4)]),
        order("Tony", Http, &[("POT-01", 2), ("MUG-01", 2), ("TEA-02", 1)]),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::shopper::REGRETTED;
    use super::*;

    #[test]
    fn no_cart_wants_what_every_cart_gives_up() {
        let plan = orders(&Levels::new());
        let mut carts = plan.iter().filter(|order| order.way == Way::Cart);
        assert!(carts.all(|cart| cart.lines.iter().all(|(sku, _)| *sku != REGRETTED)));
    }

    #[test]
    fn the_plan_says_what_is_special_about_an_order() {
        let plan = orders(&Levels::new());
        let words: Vec<_> = plan.iter().map(Planned::words).collect();
        assert!(words.contains(&"2 TEA-01, 1 MUG-01".to_owned()), "{words:?}");
        assert!(words.contains(&"2 TEA-02, no money".to_owned()), "{words:?}");
    }
}
