//! A cart: what somebody wants, at the prices that they saw, beside what is on offer now.

use std::ops::RangeInclusive;

use uuid::Uuid;

/// Lines of a cart, one a product.
pub(crate) const LINES: usize = 100;
/// Pieces of a line.
pub(crate) const QUANTITY: RangeInclusive<i64> = 1..=1_000;

/// The open cart of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cart {
    pub(crate) cart_id: Uuid,
    /// Of every price in it.
    pub(crate) currency: String,
    /// Counts its changes.
    pub(crate) version: i64,
    pub(crate) changed_at: i64,
    /// In the order in which they were added.
    pub(crate) lines: Vec<Line>,
}

/// A product in a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) product_id: String,
    pub(crate) quantity: i64,
    /// Of one, when it was added: what the customer has seen.
    pub(crate) price: i64,
    /// None for a product that is not known any more.
    pub(crate) offer: Option<Offer>,
}

/// What is on offer, as last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) name: String,
    /// Of one.
    pub(crate) price: i64,
    pub(crate) currency: String,
    pub(crate) listed: bool,
    /// None until inventory has said.
    pub(crate) available: Option<i64>,
}

/// How a line stands against what is on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// As when it was added.
    Fine,
    /// It can be bought, at another price than the one it was added at.
    PriceChanged,
    /// There are fewer than are wanted.
    OutOfStock,
    /// It is not on sale any more, or in another currency.
    NotSold,
}

impl Line {
    /// The offer, where it is one in this currency.
    pub(crate) fn sold(&self, currency: &str) -> Option<&Offer> {
        self.offer.as_ref().filter(|offer| offer.listed && offer.currency == currency)
    }

    pub(crate) fn standing(&self, currency: &str) -> Standing {
        let Some(offer) = self.sold(currency) else { return Standing::NotSold };
        if offer.available.is_some_and(|available| available < self.quantity) {
            Standing::OutOfStock
        } else if offer.price != self.price {
            Standing::PriceChanged
        } else {
            Standing::Fine
        }
    }
}

impl Cart {
    /// What it cost at the prices that its lines were added at.
    pub(crate) fn total(&self) -> Option<i64> {
        total(self.lines.iter().map(|line| Some((line.price, line.quantity))))
    }

    /// What it costs now; none where something is not sold any more.
    pub(crate) fn current_total(&self) -> Option<i64> {
        total(self.lines.iter().map(|line| Some((line.sold(&self.currency)?.price, line.quantity))))
    }
}

/// None also where it is more than can be counted.
fn total(lines: impl Iterator<Item = Option<(i64, i64)>>) -> Option<i64> {
    lines.into_iter().try_fold(0_i64, |sum, line| {
        let (price, quantity) = line?;
        sum.checked_add(price.checked_mul(quantity)?)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A line of two that was added at 250.
    pub(crate) fn line(sku: &str, spoil: impl FnOnce(&mut Offer)) -> Line {
        let mut offer = Offer {
            name: format!("the {sku}"),
            price: 250,
            currency: "EUR".into(),
            listed: true,
            available: Some(10),
        };
        spoil(&mut offer);
        Line { product_id: sku.into(), quantity: 2, price: 250, offer: Some(offer) }
    }

    pub(crate) fn cart(lines: Vec<Line>) -> Cart {
        let cart_id = Uuid::from_u128(1);
        Cart { cart_id, currency: "EUR".into(), version: 1, changed_at: 1, lines }
    }

    #[test]
    fn a_line_stands_by_what_is_on_offer_now() {
        let standing = |line: Line| line.standing("EUR");
        assert_eq!(standing(line("A", |_| {})), Standing::Fine);
        assert_eq!(standing(line("A", |o| o.price = 300)), Standing::PriceChanged);
        assert_eq!(standing(line("A", |o| o.available = Some(1))), Standing::OutOfStock);
        assert_eq!(standing(line("A", |o| o.available = None)), Standing::Fine);
        assert_eq!(standing(line("A", |o| o.listed = false)), Standing::NotSold);
        assert_eq!(standing(line("A", |o| o.currency = "USD".into())), Standing::NotSold);
        assert_eq!(standing(Line { offer: None, ..line("A", |_| {}) }), Standing::NotSold);
    }

    #[test]
    fn a_cart_has_a_total_of_then_and_one_of_now() {
        let both = cart(vec![line("A", |_| {}), line("B", |o| o.price = 300)]);
        assert_eq!((both.total(), both.current_total()), (Some(1_000), Some(1_100)));
        let gone = cart(vec![line("A", |o| o.listed = false)]);
        assert_eq!((gone.total(), gone.current_total()), (Some(500), None));
        let dear = cart(vec![line("A", |o| o.price = i64::MAX)]);
        assert_eq!(dear.current_total(), None);
    }
}
