//! The stock of one product.

/// How much there is of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Level {
    /// The SKU.
    pub(crate) product_id: String,
    /// In the warehouse, reserved or not.
    pub(crate) on_hand: i64,
    /// Held for orders that are not completed yet.
    pub(crate) reserved: i64,
    /// Sold so far.
    pub(crate) sold: i64,
    /// All that was ever added.
    pub(crate) restocked_total: i64,
    /// Counts the changes, from 1; 0 before the product is known.
    pub(crate) version: i64,
}

impl Level {
    /// A product of which nothing has been heard.
    pub(crate) fn unheard(product_id: &str) -> Self {
        let product_id = product_id.to_owned();
        Level { product_id, on_hand: 0, reserved: 0, sold: 0, restocked_total: 0, version: 0 }
    }

    /// What can still be ordered.
    pub(crate) fn available(&self) -> i64 {
        self.on_hand - self.reserved
    }

    /// Nothing is made and nothing lost: all that ever arrived is here or sold.
    pub(crate) fn is_conserved(&self) -> bool {
        let counts = [self.on_hand, self.reserved, self.sold, self.available()];
        counts.iter().all(|n| *n >= 0) && self.restocked_total == self.on_hand + self.sold
    }

    /// Stock has arrived: `total` is all that ever did. Adds what is new of it; false where this is
    /// known already, so that a record handled late or twice adds nothing.
    pub(crate) fn restock_to(&mut self, total: i64) -> bool {
        if total < self.restocked_total || (total == self.restocked_total && self.version > 0) {
            return false;
        }
        self.on_hand += total - self.restocked_total;
        self.restocked_total = total;
        self.version += 1;
        true
    }

    /// Holds some for an order.
    pub(crate) fn reserve(&mut self, quantity: i64) {
        self.reserved += quantity;
        self.version += 1;
    }

    /// Gives back what an order held.
    pub(crate) fn release(&mut self, quantity: i64) {
        self.reserved -= quantity;
        self.version += 1;
    }

    /// What an order held leaves the house.
    pub(crate) fn sell(&mut self, quantity: i64) {
        self.reserved -= quantity;
        self.on_hand -= quantity;
        self.sold += quantity;
        self.version += 1;
    }

    /// What was sold comes back.
    pub(crate) fn take_back(&mut self, quantity: i64) {
        self.on_hand += quantity;
        self.sold -= quantity;
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stocked(total: i64) -> Level {
        let mut level = Level::unheard("A");
        assert!(level.restock_to(total));
        level
    }

    #[test]
    fn a_restock_heard_twice_or_late_adds_nothing() {
        let mut level = stocked(5);
        assert!(!level.restock_to(5) && !level.restock_to(3));
        assert_eq!((level.on_hand, level.version), (5, 1));
        assert!(level.restock_to(8));
        assert_eq!((level.on_hand, level.version), (8, 2));
    }

    #[test]
    fn a_product_listed_without_stock_is_known_from_then_on() {
        let level = stocked(0);
        assert_eq!((level.available(), level.version), (0, 1));
    }

    #[test]
    fn every_step_conserves_the_stock() {
        let mut level = stocked(5);
        level.reserve(5);
        assert_eq!((level.available(), level.is_conserved()), (0, true));
        level.release(2);
        level.sell(3);
        assert_eq!((level.on_hand, level.reserved, level.sold), (2, 0, 3));
        assert!(level.is_conserved());
        level.take_back(3);
        assert_eq!((level.on_hand, level.sold, level.is_conserved()), (5, 0, true));
    }

    #[test]
    fn what_is_made_of_nothing_is_seen() {
        let mut level = stocked(5);
        level.on_hand += 1;
        assert!(!level.is_conserved());
    }
}
