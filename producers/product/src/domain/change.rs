//! What can be done with a product, and the event that tells of it. What changes nothing is no event.

use shop_events::{
    ProductDelisted, ProductListed, ProductRepriced, ProductRestocked, ProductState,
};

/// A change of a product; each carries the state it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Listed(ProductListed),
    Repriced(ProductRepriced),
    Delisted(ProductDelisted),
    Restocked(ProductRestocked),
}

/// A product as staff put it on sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) product_id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) price: i64,
    pub(crate) currency: String,
}

/// More than can be counted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Uncountable;

/// Puts a product on sale, for the first time or again, or under another name. Another price in the
/// same currency is a change of its own, so that readers are told the one before.
pub(crate) fn list(
    known: Option<&ProductState>,
    wanted: &Listing,
    now: i64,
) -> Result<Vec<Change>, Uncountable> {
    let mut state = known.cloned().unwrap_or_else(|| {
        ProductState::unpublished(&wanted.product_id, wanted.price, &wanted.currency, now)
    });
    let mut changes = Vec::new();
    let is_so = (state.listed, &state.name, &state.description, &state.currency)
        == (true, &wanted.name, &wanted.description, &wanted.currency);
    if !is_so {
        if state.currency != wanted.currency {
            state.price = wanted.price;
        }
        state.name.clone_from(&wanted.name);
        state.description.clone_from(&wanted.description);
        state.currency.clone_from(&wanted.currency);
        state.listed = true;
        step(&mut state, now)?;
        changes.push(Change::Listed(state.as_listed()));
    }
    changes.extend(reprice(&state, wanted.price, now)?);
    Ok(changes)
}

/// Another price, in the currency that the product is sold in.
pub(crate) fn reprice(
    known: &ProductState,
    price: i64,
    now: i64,
) -> Result<Option<Change>, Uncountable> {
    if known.price == price {
        return Ok(None);
    }
    let mut state = ProductState { price, ..known.clone() };
    step(&mut state, now)?;
    Ok(Some(Change::Repriced(state.as_repriced(known.price))))
}

/// Takes a product off sale. Its stock stays.
pub(crate) fn delist(known: &ProductState, now: i64) -> Result<Option<Change>, Uncountable> {
    if !known.listed {
        return Ok(None);
    }
    let mut state = ProductState { listed: false, ..known.clone() };
    step(&mut state, now)?;
    Ok(Some(Change::Delisted(state.as_delisted())))
}

/// So many more have arrived.
pub(crate) fn restock(
    known: &ProductState,
    quantity: i64,
    now: i64,
) -> Result<Change, Uncountable> {
    let restocked_total = known.restocked_total.checked_add(quantity).ok_or(Uncountable)?;
    let mut state = ProductState { restocked_total, ..known.clone() };
    step(&mut state, now)?;
    Ok(Change::Restocked(state.as_restocked(quantity)))
}

fn step(state: &mut ProductState, now: i64) -> Result<(), Uncountable> {
    state.version = state.version.checked_add(1).ok_or(Uncountable)?;
    state.updated_at = now;
    Ok(())
}

impl Change {
    /// The state it led to.
    pub(crate) fn state(&self) -> ProductState {
        match self {
            Change::Listed(event) => event.into(),
            Change::Repriced(event) => event.into(),
            Change::Delisted(event) => event.into(),
            Change::Restocked(event) => event.into(),
        }
    }

    /// As the table of changes has it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Change::Listed(_) => "listed",
            Change::Repriced(_) => "repriced",
            Change::Delisted(_) => "delisted",
            Change::Restocked(_) => "restocked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tea(price: i64) -> Listing {
        Listing {
            product_id: "TEA".into(),
            name: "Tea".into(),
            description: String::new(),
            price,
            currency: "EUR".into(),
        }
    }

    fn listed(price: i64) -> ProductState {
        list(None, &tea(price), 1).unwrap()[0].state()
    }

    #[test]
    fn a_new_product_is_listed_at_its_price() {
        let changes = list(None, &tea(490), 7).unwrap();
        let [Change::Listed(event)] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((event.version, event.price, event.listed, event.updated_at), (1, 490, true, 7));
    }

    #[test]
    fn what_is_so_already_is_no_event() {
        let state = listed(490);
        assert_eq!(list(Some(&state), &tea(490), 7), Ok(vec![]));
        assert_eq!(reprice(&state, 490, 7), Ok(None));
        let gone = delist(&state, 7).unwrap().unwrap().state();
        assert_eq!(delist(&gone, 8), Ok(None));
    }

    #[test]
    fn another_name_and_another_price_are_a_change_each() {
        let wanted = Listing { name: "Green tea".into(), ..tea(500) };
        let changes = list(Some(&listed(490)), &wanted, 7).unwrap();
        let [Change::Listed(name), Change::Repriced(price)] = &changes[..] else {
            panic!("{changes:?}")
        };
        assert_eq!((name.version, name.price), (2, 490));
        assert_eq!((price.version, price.price, price.previous_price), (3, 500, 490));
    }

    #[test]
    fn a_price_in_another_currency_has_no_price_before_it() {
        let wanted = Listing { currency: "USD".into(), ..tea(500) };
        let changes = list(Some(&listed(490)), &wanted, 7).unwrap();
        let [Change::Listed(event)] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((event.price, event.currency.as_str()), (500, "USD"));
    }

    #[test]
    fn a_restock_carries_the_total_it_led_to() {
        let first = restock(&listed(490), 5, 7).unwrap().state();
        let Change::Restocked(second) = restock(&first, 3, 8).unwrap() else { panic!() };
        assert_eq!((second.quantity, second.restocked_total, second.version), (3, 8, 3));
        assert_eq!(restock(&first, i64::MAX, 8), Err(Uncountable));
    }
}
