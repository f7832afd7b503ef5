//! From a cart to what is bought: nothing is taken that the customer has not seen.

use shop_events::CartLine;
use uuid::Uuid;

use super::cart::{Cart, Line, Standing};

/// What is bought, at the prices of now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bill {
    pub(crate) lines: Vec<CartLine>,
    pub(crate) total: i64,
}

/// Why a cart cannot be checked out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is nothing in it.
    Empty,
    /// Some lines cannot be bought.
    Unavailable,
    /// Some prices are others than the customer saw, and the total that they confirmed, if any, is
    /// another than this one.
    Repriced,
    /// The lines cost more than can be counted.
    Uncountable,
}

/// The same for each try with this key of this user, and for nothing else.
pub(crate) fn checkout_id(user_id: Uuid, key: &str) -> Uuid {
    Uuid::new_v5(&user_id, format!("checkout/{key}").as_bytes())
}

/// What is bought, if all of it can be and the customer knows its price: either nothing has changed
/// since it was put into the cart, or they have confirmed what it costs now.
pub(crate) fn check_out(cart: &Cart, confirmed: Option<i64>) -> Result<Bill, Refusal> {
    if cart.lines.is_empty() {
        return Err(Refusal::Empty);
    }
    let standing = |line: &Line| line.standing(&cart.currency);
    let cannot = |line: &Line| matches!(standing(line), Standing::NotSold | Standing::OutOfStock);
    if cart.lines.iter().any(cannot) {
        return Err(Refusal::Unavailable);
    }
    let total = cart.current_total().ok_or(Refusal::Uncountable)?;
    let changed = cart.lines.iter().any(|line| standing(line) == Standing::PriceChanged);
    match confirmed {
        Some(confirmed) if confirmed != total => return Err(Refusal::Repriced),
        None if changed => return Err(Refusal::Repriced),
        _ => {}
    }
    let bought = cart.lines.iter().map(|line| bought(line, &cart.currency));
    let lines = bought.collect::<Option<Vec<_>>>().ok_or(Refusal::Uncountable)?;
    Ok(Bill { lines, total })
}

fn bought(line: &Line, currency: &str) -> Option<CartLine> {
    let offer = line.sold(currency)?;
    Some(CartLine {
        product_id: line.product_id.clone(),
        name: Some(offer.name.clone()),
        quantity: line.quantity,
        unit_price: Some(offer.price),
        line_total: offer.price.checked_mul(line.quantity)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::cart::tests::{cart, line};
    use super::*;

    #[test]
    fn what_has_not_changed_is_bought_as_it_was_seen() {
        let bill = check_out(&cart(vec![line("A", |_| {})]), None).unwrap();
        assert_eq!((bill.total, bill.lines[0].unit_price), (500, Some(250)));
        assert_eq!(check_out(&cart(vec![line("A", |_| {})]), Some(500)).unwrap().total, 500);
    }

    #[test]
    fn another_price_is_taken_only_when_its_total_is_confirmed() {
        let dearer = cart(vec![line("A", |_| {}), line("B", |o| o.price = 300)]);
        for unconfirmed in [None, Some(1_000), Some(1_101)] {
            assert_eq!(check_out(&dearer, unconfirmed), Err(Refusal::Repriced));
        }
        let bill = check_out(&dearer, Some(1_100)).unwrap();
        assert_eq!((bill.total, bill.lines[1].unit_price), (1_100, Some(300)));
        let cheaper = cart(vec![line("A", |o| o.price = 200)]);
        assert_eq!(check_out(&cheaper, None), Err(Refusal::Repriced));
    }

    #[test]
    fn a_total_that_is_not_this_carts_is_refused_also_when_no_price_has_changed() {
        let cart = cart(vec![line("A", |_| {})]);
        assert_eq!(check_out(&cart, Some(499)), Err(Refusal::Repriced));
    }

    #[test]
    fn what_cannot_be_bought_is_said_before_the_prices() {
        assert_eq!(check_out(&cart(vec![]), None), Err(Refusal::Empty));
        for spoil in [
            |o: &mut super::super::cart::Offer| o.listed = false,
            |o: &mut super::super::cart::Offer| o.available = Some(1),
        ] {
            let cart = cart(vec![line("A", |o| o.price = 1), line("B", spoil)]);
            assert_eq!(check_out(&cart, Some(502)), Err(Refusal::Unavailable));
        }
    }

    #[test]
    fn a_key_is_one_checkout_of_one_user() {
        let (ada, eve) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(checkout_id(ada, "k"), checkout_id(ada, "k"));
        assert_ne!(checkout_id(ada, "k"), checkout_id(ada, "l"));
        assert_ne!(checkout_id(ada, "k"), checkout_id(eve, "k"));
    }
}
