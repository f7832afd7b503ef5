//! What an order wants of each product, and whether there is enough.

use std::collections::BTreeMap;

use shop_events::{OrderLine, Shortage};

use super::level::Level;

/// Shortages named in a text for people; the record holds all of them.
const NAMED: usize = 5;

/// Wanted quantities by product, in the order of the SKUs: the order in which stock is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Demand(BTreeMap<String, i64>);

impl Demand {
    /// Several lines of one product are one demand. An error says what is wrong with the order.
    pub(crate) fn of(lines: &[OrderLine]) -> Result<Self, String> {
        if lines.is_empty() {
            return Err("the order has no lines".into());
        }
        let mut wanted = BTreeMap::<String, i64>::new();
        for line in lines {
            let (product, quantity) = (&line.product_id, line.quantity);
            if quantity < 1 {
                return Err(format!("the quantity of {product} is {quantity}, not 1 or more"));
            }
            let sum = wanted.entry(product.clone()).or_default();
            *sum = sum
                .checked_add(quantity)
                .ok_or_else(|| format!("the quantity of {product} is too large to count"))?;
        }
        Ok(Demand(wanted))
    }

    /// Products and quantities, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.0.iter().map(|(product, quantity)| (product.as_str(), *quantity))
    }

    /// What there is too little of. `levels` are those of the demand, none for an unknown product.
    pub(crate) fn shortages(&self, levels: &[Option<Level>]) -> Vec<Shortage> {
        let available = levels.iter().map(|level| level.as_ref().map_or(0, Level::available));
        self.iter()
            .zip(available)
            .filter(|((_, requested), available)| requested > available)
            .map(|((product, requested), available)| Shortage {
                product_id: product.to_owned(),
                requested,
                available,
            })
            .collect()
    }

    /// The shortages in words; an unknown product is told from one that has run out.
    pub(crate) fn explain(&self, shortages: &[Shortage], levels: &[Option<Level>]) -> String {
        let unknown: Vec<&str> = self
            .iter()
            .zip(levels)
            .filter_map(|((product, _), level)| level.is_none().then_some(product))
            .collect();
        let word = |short: &Shortage| {
            let Shortage { product_id, requested, available } = short;
            if unknown.contains(&product_id.as_str()) {
                format!("{product_id} is unknown")
            } else {
                format!("{product_id}: {requested} wanted, {available} available")
            }
        };
        let mut words: Vec<String> = shortages.iter().take(NAMED).map(word).collect();
        if shortages.len() > NAMED {
            words.push(format!("and {} more", shortages.len() - NAMED));
        }
        words.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(product: &str, quantity: i64) -> OrderLine {
        OrderLine {
            product_id: product.into(),
            name: None,
            quantity,
            unit_price: None,
            line_total: 0,
        }
    }

    fn level(product: &str, on_hand: i64) -> Option<Level> {
        let mut level = Level::unheard(product);
        level.restock_to(on_hand);
        Some(level)
    }

    #[test]
    fn lines_of_one_product_are_wanted_together() {
        let demand = Demand::of(&[line("B", 2), line("A", 1), line("B", 3)]).expect("sound");
        assert_eq!(demand.iter().collect::<Vec<_>>(), [("A", 1), ("B", 5)]);
        assert_eq!(demand.shortages(&[level("A", 1), level("B", 4)]).len(), 1);
    }

    #[test]
    fn exactly_enough_is_enough() {
        let demand = Demand::of(&[line("A", 5)]).expect("sound");
        assert!(demand.shortages(&[level("A", 5)]).is_empty());
    }

    #[test]
    fn an_unknown_product_is_named_as_such() {
        let demand = Demand::of(&[line("A", 2), line("Z", 1)]).expect("sound");
        let levels = [level("A", 1), None];
        let shortages = demand.shortages(&levels);
        let words = demand.explain(&shortages, &levels);
        assert_eq!(words, "A: 2 wanted, 1 available; Z is unknown");
    }

    #[test]
    fn an_order_that_cannot_be_is_refused_in_words() {
        for (lines, word) in [
            (vec![], "no lines"),
            (vec![line("A", 0)], "not 1 or more"),
            (vec![line("A", -1)], "not 1 or more"),
            (vec![line("A", i64::MAX), line("A", 1)], "too large"),
        ] {
            assert!(Demand::of(&lines).expect_err("refused").contains(word), "{lines:?}");
        }
    }
}
