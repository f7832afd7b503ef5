//! Which records lead from what is known of a product to what the catalogue says.

use pipeline::Outgoing;
use shop_events::{ProductListed, ProductRepriced, ProductRestocked, ProductState};
use uuid::Uuid;

use super::file::Product;
use crate::publish::Publisher;

/// A change of a product.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    Listed(ProductListed),
    Repriced(ProductRepriced),
    Restocked(ProductRestocked),
}

/// The changes; none where the catalogue says what is known.
pub(super) fn plan(
    known: Option<&ProductState>,
    wanted: &Product,
    now: i64,
) -> Result<Vec<Change>, String> {
    let mut state = known.cloned().unwrap_or_else(|| {
        ProductState::unpublished(&wanted.product_id, wanted.price, &wanted.currency, now)
    });
    if wanted.stock < state.restocked_total {
        return Err(format!(
            "stock is {}, and {} have arrived already: the column counts all that ever arrived, so it only grows: raise it, or leave the line out",
            wanted.stock, state.restocked_total
        ));
    }
    let mut changes = Vec::new();
    let step = |state: &mut ProductState| {
        state.version += 1;
        state.updated_at = now;
    };
    if !state.listed || state.name != wanted.name || state.currency != wanted.currency {
        state.name.clone_from(&wanted.name);
        state.currency.clone_from(&wanted.currency);
        (state.price, state.listed) = (wanted.price, true);
        step(&mut state);
        changes.push(Change::Listed(state.as_listed()));
    }
    if state.price != wanted.price {
        let previous_price = std::mem::replace(&mut state.price, wanted.price);
        step(&mut state);
        changes.push(Change::Repriced(state.as_repriced(previous_price)));
    }
    if state.restocked_total != wanted.stock {
        let quantity = wanted.stock - state.restocked_total;
        state.restocked_total = wanted.stock;
        step(&mut state);
        changes.push(Change::Restocked(state.as_restocked(quantity)));
    }
    Ok(changes)
}

impl Change {
    /// The same change of the same version has the same id, however often it is sent.
    pub(super) fn record(&self, publisher: &Publisher) -> anyhow::Result<Outgoing> {
        macro_rules! record {
            ($kind:literal, $event:expr) => {{
                let e = $event;
                let text = format!(
                    "{}\n{}\n{}\n{}\n{}\n{}",
                    e.product_id, $kind, e.version, e.price, e.restocked_total, e.name
                );
                let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
                publisher.record(e, id, &id.to_string())
            }};
        }
        match self {
            Change::Listed(event) => record!("listed", event),
            Change::Repriced(event) => record!("repriced", event),
            Change::Restocked(event) => record!("restocked", event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tea(price: i64, stock: i64) -> Product {
        let (name, currency) = ("Tea".to_owned(), "EUR".to_owned());
        Product { line: 2, product_id: "TEA".into(), name, price, currency, stock }
    }

    fn known(price: i64, restocked_total: i64, version: i64) -> ProductState {
        ProductState {
            product_id: "TEA".into(),
            name: "Tea".into(),
            description: String::new(),
            price,
            currency: "EUR".into(),
            listed: true,
            restocked_total,
            version,
            updated_at: 1,
        }
    }

    #[test]
    fn a_new_product_is_listed_and_then_stocked() {
        let changes = plan(None, &tea(490, 3), 7).unwrap();
        let [Change::Listed(listed), Change::Restocked(restocked)] = &changes[..] else {
            panic!("{changes:?}")
        };
        assert_eq!((listed.version, listed.restocked_total, listed.listed), (1, 0, true));
        assert_eq!((restocked.version, restocked.restocked_total, restocked.quantity), (2, 3, 3));
    }

    #[test]
    fn what_is_known_already_changes_nothing() {
        assert_eq!(plan(Some(&known(490, 3, 2)), &tea(490, 3), 7), Ok(vec![]));
    }

    #[test]
    fn a_new_price_and_more_stock_are_a_change_each() {
        let changes = plan(Some(&known(490, 3, 2)), &tea(500, 10), 7).unwrap();
        let [Change::Repriced(price), Change::Restocked(stock)] = &changes[..] else {
            panic!("{changes:?}")
        };
        assert_eq!((price.version, price.previous_price, price.price), (3, 490, 500));
        assert_eq!((stock.version, stock.quantity, stock.price), (4, 7, 500));
    }

    #[test]
    fn stock_that_has_arrived_cannot_be_taken_back() {
        assert!(plan(Some(&known(490, 3, 2)), &tea(490, 2), 7).unwrap_err().contains("arrived"));
    }
}
