//! What is made of a state that another program has published.
//!
//! Versions of a product are counted by whoever publishes it, and readers take the highest. Two that
//! publish at the same moment, this service and `orderline catalogue load`, would use one version
//! for two states: those who read along keep the first, and a reader that begins after the topic was
//! compacted finds the last. So this service reads the topic too. What it has not decided itself it
//! takes over, and goes on from there; what crossed a decision of its own it answers with its own
//! state under the next version, so that the topic ends with what everybody has.

use shop_events::ProductState;

use super::change::{Change, Uncountable};

/// What a state that was heard leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is the latest, and this is what is known from now on.
    Keep(Box<ProductState>),
    /// It is known, or was overtaken.
    Old,
    /// It crossed a decision made here: this is published, and ends the matter.
    Settle(Box<Change>),
}

/// `decided_here`: whether this service has decided this very version, as another state.
pub(crate) fn hear(
    known: Option<&ProductState>,
    heard: &ProductState,
    decided_here: bool,
    now: i64,
) -> Result<Heard, Uncountable> {
    // A total only grows, and inventory takes the greatest one.
    let known_total = known.map_or(0, |known| known.restocked_total);
    let restocked_total = heard.restocked_total.max(known_total);
    let Some(known) = known.filter(|known| known.version >= heard.version) else {
        return Ok(Heard::Keep(Box::new(ProductState { restocked_total, ..heard.clone() })));
    };
    if !decided_here {
        return Ok(Heard::Old);
    }
    let arrived = restocked_total.checked_sub(known.restocked_total).ok_or(Uncountable)?;
    let version = known.version.checked_add(1).ok_or(Uncountable)?;
    let state = ProductState { restocked_total, version, updated_at: now, ..known.clone() };
    let change = match (arrived > 0, state.listed) {
        (true, _) => Change::Restocked(state.as_restocked(arrived)),
        (false, true) => Change::Listed(state.as_listed()),
        (false, false) => Change::Delisted(state.as_delisted()),
    };
    Ok(Heard::Settle(Box::new(change)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tea(version: i64, price: i64, restocked_total: i64) -> ProductState {
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
    fn a_later_state_is_taken_over_and_an_older_one_is_not() {
        let known = tea(2, 490, 5);
        let kept = |state| Ok(Heard::Keep(Box::new(state)));
        assert_eq!(hear(None, &tea(7, 1, 1), false, 9), kept(tea(7, 1, 1)));
        assert_eq!(hear(Some(&known), &tea(3, 1, 6), false, 9), kept(tea(3, 1, 6)));
        assert_eq!(hear(Some(&known), &tea(2, 490, 5), false, 9), Ok(Heard::Old));
        assert_eq!(hear(Some(&known), &tea(1, 1, 1), false, 9), Ok(Heard::Old));
    }

    #[test]
    fn a_total_that_has_shrunk_is_not_believed() {
        let heard = hear(Some(&tea(2, 490, 5)), &tea(3, 1, 1), false, 9);
        assert_eq!(heard, Ok(Heard::Keep(Box::new(tea(3, 1, 5)))));
    }

    #[test]
    fn what_crossed_a_decision_made_here_is_settled_under_the_next_version() {
        let heard = hear(Some(&tea(2, 490, 5)), &tea(2, 1, 5), true, 9).unwrap();
        let Heard::Settle(change) = heard else { panic!("{heard:?}") };
        let state = change.state();
        assert_eq!((change.kind(), state.version, state.price), ("listed", 3, 490));
    }

    #[test]
    fn what_arrived_is_not_lost_when_it_crossed() {
        let heard = hear(Some(&tea(2, 490, 5)), &tea(2, 1, 8), true, 9).unwrap();
        let Heard::Settle(change) = heard else { panic!("{heard:?}") };
        let Change::Restocked(event) = *change else { panic!("{change:?}") };
        assert_eq!((event.quantity, event.restocked_total, event.price), (3, 8, 490));
    }
}
