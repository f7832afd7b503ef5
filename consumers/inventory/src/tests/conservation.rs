//! Whatever comes, in whatever order and however often: nothing is made and nothing lost.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::Outgoing;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use shop_events::{StockLevelChanged, StockRejected, StockReserved};
use sqlx::Row;

use super::made::{cancelled, completed, delisted, listed, placed, rejected, restocked};
use super::running::Inventory;
use shop_testkit::database::Kind;

shop_testkit::on_every_database!(stock_is_conserved_whatever_comes,);

const PRODUCTS: [&str; 3] = ["A", "B", "C"];
const STEPS: usize = 150;

/// What has been published.
#[derive(Default)]
struct Sent {
    records: Vec<Outgoing>,
    orders: u128,
    /// The highest total of each product: old news take nothing away.
    arrived: BTreeMap<&'static str, i64>,
}

impl Sent {
    fn arrives(&mut self, product: &'static str, total: i64) {
        let known = self.arrived.entry(product).or_default();
        *known = total.max(*known);
    }
}

/// One random record: a new order, an end of an old one (also a second, contradicting one), stock
/// (also old news).
fn step(inventory: &Inventory, sent: &mut Sent, random: &mut StdRng) -> Outgoing {
    let product = PRODUCTS[random.random_range(0..PRODUCTS.len())];
    let order = random.random_range(1..=sent.orders + 1);
    let total = random.random_range(0..60);
    let kind = random.random_range(0..10);
    if kind <= 2 {
        sent.arrives(product, total);
    }
    match kind {
        0 => inventory.record(&listed(product, total)),
        1 => inventory.record(&restocked(product, 1, total)),
        2 => inventory.record(&delisted(product, total)),
        3 | 4 => inventory.record(&completed(order)),
        5 => inventory.record(&rejected(order)),
        6 => inventory.record(&cancelled(order)),
        _ => {
            sent.orders += 1;
            let lines: Vec<_> = (0..random.random_range(1..4))
                .map(|_| (PRODUCTS[random.random_range(0..3)], random.random_range(1..4)))
                .collect();
            inventory.record(&placed(sent.orders, &lines))
        }
    }
}

async fn sum_of_lines(inventory: &Inventory, standing: &str) -> BTreeMap<String, i64> {
    let rows = sqlx::query(
        "SELECT product_id, CAST(SUM(quantity) AS BIGINT) FROM order_stock_line
         JOIN order_stock ON order_stock.order_id = order_stock_line.order_id
         WHERE standing = $1 GROUP BY product_id",
    )
    .bind(standing)
    .fetch_all(inventory.store.reader())
    .await
    .expect("reads");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn check(inventory: &Inventory, sent: &Sent, seed: u64) {
    let held = sum_of_lines(inventory, "held").await;
    let sold = sum_of_lines(inventory, "sold").await;
    let of = |sums: &BTreeMap<String, i64>, product: &str| sums.get(product).copied().unwrap_or(0);
    let told = inventory.told::<StockLevelChanged>();
    for level in inventory.levels().await {
        let product = level.product_id.as_str();
        assert!(level.is_conserved(), "seed {seed}: {level:?}");
        assert_eq!(level.restocked_total, sent.arrived[product], "seed {seed}: {product}");
        assert_eq!(level.reserved, of(&held, product), "seed {seed}: {product}");
        assert_eq!(level.sold, of(&sold, product), "seed {seed}: {product}");

        let changes: Vec<_> = told.iter().filter(|c| c.product_id == product).collect();
        let versions: BTreeSet<i64> = changes.iter().map(|c| c.version).collect();
        let all: BTreeSet<i64> = (1..=level.version).collect();
        assert_eq!((&versions, changes.len()), (&all, all.len()), "seed {seed}: {product}");
        let last = changes.iter().max_by_key(|c| c.version).expect("told");
        let as_told = (last.on_hand, last.reserved, last.sold, last.restocked_total);
        let as_is = (level.on_hand, level.reserved, level.sold, level.restocked_total);
        assert_eq!(as_told, as_is, "seed {seed}: {product}");
    }
    let reserved = inventory.told::<StockReserved>();
    let refused = inventory.told::<StockRejected>();
    let answered: BTreeSet<_> =
        reserved.iter().map(|r| r.order_id).chain(refused.iter().map(|r| r.order_id)).collect();
    let answers = reserved.len() + refused.len();
    assert_eq!(answered.len(), answers, "seed {seed}: an order was answered twice");
    assert!(answers > 0 && answers as u128 <= sent.orders, "seed {seed}: {answers} answers");
}

async fn stock_is_conserved_whatever_comes(on: Kind) {
    for seed in 0..8 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut inventory = Inventory::start(on).await;
        let mut sent = Sent::default();
        for product in PRODUCTS {
            sent.arrives(product, 20);
            inventory.publish(&listed(product, 20)).await;
        }
        for _ in 0..STEPS {
            let broker = inventory.memory.broker();
            match random.random_range(0..40) {
                0 => broker.expire("inventory"),
                1 => broker.refuse_commits(2),
                2 => broker.lose_acknowledgements(1),
                3 => inventory.restart().await,
                _ => {}
            }
            let again = !sent.records.is_empty() && random.random_range(0..5) == 0;
            let record = if again {
                sent.records[random.random_range(0..sent.records.len())].clone()
            } else {
                step(&inventory, &mut sent, &mut random)
            };
            sent.records.push(record.clone());
            inventory.send(record).await;
        }
        inventory.settled().await;
        check(&inventory, &sent, seed).await;
    }
}
