//! The orders of the demo, and how each should end.

use super::stock::Levels;

/// How an order reaches the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// `POST /orders`.
    Http,
    /// The same, and `POST /orders/{id}/cancel` at once.
    HttpThenCancel,
    /// The same, once it is paid.
    HttpPaidThenCancel,
    /// `CartCheckedOut` on the topic `carts`.
    Cart,
}

impl Way {
    pub(super) fn words(self) -> &'static str {
        match self {
            Way::Http => "HTTP",
            Way::HttpThenCancel => "HTTP, then cancelled",
            Way::HttpPaidThenCancel => "HTTP, cancelled when paid",
            Way::Cart => "record on carts",
        }
    }
}

/// An order to place.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) what: String,
    pub(super) customer: &'static str,
    pub(super) way: Way,
    pub(super) lines: Vec<(&'static str, i64)>,
    /// How it is paid, where not as the shop does by default.
    pub(super) method: Option<&'static str>,
    /// The state it should end in.
    pub(super) end: &'static str,
    /// What should become of its payment, where that is what it shows.
    pub(super) payment: Option<&'static str>,
}

/// All of them. `CLOCK-01` is sold to the last piece, `SHIP-01` is asked for beyond its stock.
pub(super) fn orders(levels: &Levels) -> Vec<Planned> {
    let order = |customer, way, lines: &[(&'static str, i64)], end| Planned {
        what: lines.iter().map(|(sku, n)| format!("{n} {sku}")).collect::<Vec<_>>().join(", "),
        customer,
        way,
        lines: lines.to_vec(),
        method: None,
        end,
        payment: None,
    };
    let stock = |sku: &str| levels.get(sku).map_or(0, |level| level.available);
    let mut exact = order("Edsger", Way::Http, &[("CLOCK-01", stock("CLOCK-01"))], "completed");
    exact.what.push_str(" (all there are)");
    let mut beyond = order("Niklaus", Way::Http, &[("SHIP-01", stock("SHIP-01") + 1)], "rejected");
    beyond.what.push_str(" (one too many)");
    let mut poor = order("Evariste", Way::Http, &[("TEA-02", 2)], "rejected");
    poor.what.push_str(" (no money)");
    poor.method = Some("pm_card_visa_chargeDeclinedInsufficientFunds");
    poor.payment = Some("declined");
    let mut regretted = order("Maryam", Way::HttpPaidThenCancel, &[("MUG-01", 1)], "cancelled");
    regretted.payment = Some("refunded");
    let mut slow = order("Kurt", Way::Http, &[("TEA-01", 1)], "cancelled");
    slow.what.push_str(" (a bank that takes its time)");
    slow.method = Some("pm_sandbox_processing");
    vec![
        order("Ada", Way::Http, &[("TEA-01", 2)], "completed"),
        order("Grace", Way::Http, &[("TEA-02", 1), ("MUG-01", 2)], "completed"),
        order("Alan", Way::Http, &[("POT-01", 1), ("TEA-01", 3)], "completed"),
        order("Barbara", Way::Http, &[("KETTLE-01", 1)], "completed"),
        beyond,
        order("Donald", Way::Http, &[("MUG-01", 6)], "completed"),
        exact,
        order("Frances", Way::HttpThenCancel, &[("LAMP-01", 1)], "cancelled"),
        order("Ken", Way::Cart, &[("TEA-01", 1), ("MUG-01", 1)], "completed"),
        order("Margaret", Way::Http, &[("LAMP-01", 2)], "completed"),
        poor,
        regretted,
        slow,
        order("Radia", Way::Http, &[("TEA-02", 4)], "completed"),
        order("Tony", Way::Http, &[("POT-01", 2), ("MUG-01", 2), ("TEA-02", 1)], "completed"),
    ]
}
