//! The state of a product, whichever of the four records of `products` brought it.

use serde::{Deserialize, Serialize};

use crate::check::{currency, label, text};
use crate::{ProductDelisted, ProductListed, ProductRepriced, ProductRestocked};

macro_rules! record {
    ($state:expr => $event:ident { $($field:ident),* }) => {
        $event {
            product_id: $state.product_id.clone(),
            name: $state.name.clone(),
            description: $state.description.clone(),
            price: $state.price,
            currency: $state.currency.clone(),
            listed: $state.listed,
            restocked_total: $state.restocked_total,
            version: $state.version,
            updated_at: $state.updated_at,
            $($field),*
        }
    };
}

/// What all records of a product carry: the whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductState {
    /// The SKU.
    pub product_id: String,
    /// What the product is called.
    pub name: String,
    /// What the product is.
    #[serde(default)]
    pub description: String,
    /// The price of one, in minor units.
    pub price: i64,
    /// ISO 4217.
    pub currency: String,
    /// Whether it can be bought.
    pub listed: bool,
    /// All that was ever added to the stock.
    pub restocked_total: i64,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When this state came to be, microseconds since 1970, UTC.
    pub updated_at: i64,
}

impl ProductState {
    /// Of a product that no record tells of yet: the first change makes it version 1.
    pub fn unpublished(product_id: &str, price: i64, currency: &str, now: i64) -> Self {
        ProductState {
            product_id: product_id.to_owned(),
            name: String::new(),
            description: String::new(),
            price,
            currency: currency.to_owned(),
            listed: false,
            restocked_total: 0,
            version: 0,
            updated_at: now,
        }
    }

    /// As the record of a product that has been put on sale.
    pub fn as_listed(&self) -> ProductListed {
        record!(self => ProductListed {})
    }

    /// As the record of a product that had this price until now.
    pub fn as_repriced(&self, previous_price: i64) -> ProductRepriced {
        record!(self => ProductRepriced { previous_price })
    }

    /// As the record of a product that is not on sale any more.
    pub fn as_delisted(&self) -> ProductDelisted {
        record!(self => ProductDelisted {})
    }

    /// As the record of a product of which so many have arrived; the total has them already.
    pub fn as_restocked(&self, quantity: i64) -> ProductRestocked {
        record!(self => ProductRestocked { quantity })
    }

    /// What is wrong with a state that another program has written, or nothing.
    pub fn problem(&self) -> Option<String> {
        let texts = [
            ("product_id", label(&self.product_id)),
            ("name", label(&self.name)),
            ("description", text(&self.description)),
            ("currency", currency(&self.currency)),
        ];
        if let Some((field, problem)) = texts.into_iter().find_map(|(f, p)| Some((f, p?))) {
            return Some(format!("{field} {problem}"));
        }
        let counts = [
            ("price", self.price, 0),
            ("restocked_total", self.restocked_total, 0),
            ("version", self.version, 1),
        ];
        let wrong = counts.into_iter().find(|(_, is, least)| is < least);
        wrong.map(|(field, is, least)| format!("{field} is {is}, and must be at least {least}"))
    }
}

macro_rules! states {
    ($($event:ident),*) => {$(
        impl From<&$event> for ProductState {
            fn from(event: &$event) -> Self {
                record!(event => ProductState {})
            }
        }
    )*};
}
states!(ProductListed, ProductRepriced, ProductDelisted, ProductRestocked);

#[cfg(test)]
mod tests {
    use super::*;

    fn tea() -> ProductState {
        ProductState {
            product_id: "TEA-01".into(),
            name: "Tea".into(),
            description: "Green.\nFrom a hill.".into(),
            price: 490,
            currency: "EUR".into(),
            listed: true,
            restocked_total: 3,
            version: 2,
            updated_at: 7,
        }
    }

    #[test]
    fn every_record_brings_the_state_it_was_made_of() {
        let state = tea();
        assert_eq!(ProductState::from(&state.as_listed()), state);
        assert_eq!(ProductState::from(&state.as_repriced(500)), state);
        assert_eq!(ProductState::from(&state.as_delisted()), state);
        assert_eq!(ProductState::from(&state.as_restocked(3)), state);
    }

    #[test]
    fn a_state_that_cannot_be_is_told_by_its_field() {
        assert_eq!(tea().problem(), None);
        type Spoil = fn(&mut ProductState);
        let spoils: [(&str, Spoil); 7] = [
            ("product_id", |p| p.product_id.clear()),
            ("name", |p| p.name = "a\tb".into()),
            ("description", |p| p.description = "\u{0}".into()),
            ("currency", |p| p.currency = "euro".into()),
            ("price", |p| p.price = -1),
            ("restocked_total", |p| p.restocked_total = -1),
            ("version", |p| p.version = 0),
        ];
        for (field, spoil) in spoils {
            let mut state = tea();
            spoil(&mut state);
            assert!(state.problem().is_some_and(|why| why.starts_with(field)), "{field}");
        }
    }
}
