//! What is ordered: the same for the same seed, but for the ids, since each run places new orders.

use clap::Args;
use pipeline::Random;
use rand::rngs::SmallRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use serde::Serialize;
use uuid::Uuid;

/// The most pieces of one product in one order.
const PIECES: i64 = 3;

/// What the orders are like.
#[derive(Debug, Clone, Args, Serialize)]
pub(super) struct Shape {
    /// What the carts are made of follows from this number.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(super) seed: u64,
    /// How many customers order.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) users: u32,
    /// How many products there are to choose from: LOAD-TEST-1 and so on, made by this command.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) products: u32,
    /// The most lines of an order; each has 1 to 3 pieces of a product.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) lines: u32,
}

/// An order to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    /// The idempotency key or the checkout: the same in each try.
    pub(super) id: Uuid,
    pub(super) user: u32,
    /// Number of the product, from 1, and pieces.
    pub(super) lines: Vec<(u32, i64)>,
}

impl Shape {
    pub(super) fn order(&self, number: usize, ids: &Random, now: i64) -> Planned {
        let mut random = SmallRng::seed_from_u64(self.seed ^ (number as u64).rotate_left(32));
        let count = random.random_range(1..=self.lines.min(self.products));
        let chosen = index::sample(&mut random, self.products as usize, count as usize);
        let lines = chosen
            .into_iter()
            .map(|product| (product as u32 + 1, random.random_range(1..=PIECES)))
            .collect();
        Planned { id: ids.uuid_v7(now), user: random.random_range(0..self.users), lines }
    }

    /// Pieces of each product that `orders` may take at most.
    pub(super) fn most_pieces(&self, orders: usize) -> i64 {
        i64::try_from(orders).unwrap_or(i64::MAX).saturating_mul(PIECES)
    }
}

pub(super) fn sku(product: u32) -> String {
    format!("LOAD-TEST-{product}")
}

/// Minor units, in EUR.
pub(super) fn price(product: u32) -> i64 {
    i64::from(product) * 100
}

pub(super) fn user_id(user: u32) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("orderline\nload\n{user}").as_bytes())
}

/// No mail can go there (RFC 2606), should the shop's mails go to the world.
pub(super) fn email(user: u32) -> String {
    format!("load-test-{user}@example.invalid")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { seed: 7, users: 10, products: 5, lines: 9 };

    fn orders(seed: u64, ids: u64) -> Vec<Planned> {
        let ids = Random::seeded(ids);
        (0..200).map(|n| Shape { seed, ..SHAPE }.order(n, &ids, 0)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_carts_and_each_run_new_orders() {
        let carts = |orders: Vec<Planned>| -> Vec<_> {
            orders.into_iter().map(|order| (order.user, order.lines)).collect()
        };
        assert_eq!(carts(orders(7, 1)), carts(orders(7, 2)));
        assert_ne!(carts(orders(7, 1)), carts(orders(8, 1)));
        assert_ne!(orders(7, 1)[0].id, orders(7, 2)[0].id);
    }

    #[test]
    fn an_order_has_one_line_a_product_and_never_more_than_is_restocked() {
        for order in orders(7, 1) {
            let mut products: Vec<_> = order.lines.iter().map(|(product, _)| *product).collect();
            products.sort_unstable();
            products.dedup();
            assert_eq!(products.len(), order.lines.len());
            assert!(products.iter().all(|p| (1..=5).contains(p)) && order.user < 10);
            assert!(order.lines.iter().all(|(_, pieces)| (1..=PIECES).contains(pieces)));
        }
    }
}
