//! An import that is killed half-way and run again.

use std::fmt::Write;

use anyhow::Context;
use journeys::shop::Shop;
use journeys::{PATIENCE, rest, seed, setting};
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use shop_testkit::process::Service;
use shop_testkit::wait;

const PRODUCTS: usize = 20;

/// A file to import, and what is to come of it, counted while it is written.
#[derive(Debug, Default)]
struct Sheet {
    lines: Vec<String>,
    orders: i64,
    order_lines: i64,
    quantity: i64,
    /// Minor units.
    money: i64,
    duplicates: usize,
    orders_refused: i64,
    lines_refused: usize,
}

impl Sheet {
    fn of(lines: usize, random: &mut SmallRng) -> Sheet {
        let mut sheet = Sheet::default();
        let mut number = 0;
        while sheet.lines.len() < lines {
            sheet.add(number, random);
            number += 1;
        }
        // An order's lines stand anywhere in the file.
        sheet.lines.shuffle(random);
        sheet
    }

    fn add(&mut self, number: usize, random: &mut SmallRng) {
        let (bad, free) = (random.random_ratio(1, 20), random.random_ratio(1, 10));
        let (first, count) = (random.random_range(0..PRODUCTS), random.random_range(1..=5));
        let mut own = Vec::new();
        let (mut quantities, mut money) = (0, 0);
        for i in 0..count {
            let (quantity, cents) = (random.random_range(1..=3), random.random_range(1..=9_999));
            let cents = if free { 0 } else { cents };
            let sku = format!("SKU-{}", (first + i) % PRODUCTS);
            let line = |quantity: &dyn std::fmt::Display| {
                format!(
                    "market,M-{number},customer-{},2026-01-31T12:00:00Z,{sku},{quantity},{}.{:02},EUR",
                    number % 97,
                    cents / 100,
                    cents % 100
                )
            };
            own.push(if bad && i == 0 { line(&"some") } else { line(&quantity) });
            quantities += quantity;
            money += cents;
        }
        if bad {
            self.orders_refused += 1;
            self.lines_refused += own.len();
        } else {
            self.orders += 1;
            self.order_lines += own.len() as i64;
            self.quantity += quantities;
            self.money += money;
            if random.random_ratio(1, 10) {
                self.duplicates += 1;
                own.push(own[own.len() - 1].clone());
            }
        }
        self.lines.append(&mut own);
    }

    fn text(&self) -> anyhow::Result<String> {
        let mut text =
            "channel,order_ref,user_ref,placed_at,sku,quantity,line_total,currency\n".to_owned();
        for line in &self.lines {
            writeln!(text, "{line}")?;
        }
        Ok(text)
    }
}

fn import(shop: &Shop, file: &str) -> Service {
    shop.orderline("import").args(["import", file, "--json"])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_and_run_again_adds_up() -> anyhow::Result<()> {
    let mut random = SmallRng::seed_from_u64(seed());
    let sheet = Sheet::of(setting("JOURNEY_IMPORT_LINES", 1_500), &mut random);
    // Enough of most products, too little of some.
    let stock: Vec<u32> = (0..PRODUCTS).map(|i| if i % 5 == 0 { 40 } else { 1_000_000 }).collect();
    let shop = Shop::open(&stock).await?;
    let file = shop.folder().join("orders.csv");
    std::fs::write(&file, sheet.text()?)?;
    let file = file.display().to_string();

    let handled = async || {
        let metrics = rest::metrics(&shop.order.address).await.unwrap_or_default();
        rest::sum(&metrics, "pipeline_records_total")
    };
    let before = handled().await;
    // Five records each fifth of a second, so that there is a half-way, also where nobody looks for seconds.
    let slowly = "queue.buffering.max.messages=5;linger.ms=200";
    let mut killed = import(&shop, &file).env("ORDERLINE_KAFKA", slowly).start().await?;
    // Not more than the first: a batch counts when it is committed, and the next may be the rest.
    wait::until(PATIENCE, async || handled().await > before).await?;
    let status = killed.kill().await?;
    assert_eq!(status.code(), Some(128 + 9), "it had ended before: {}", killed.log());
    eprintln!("kill -9 of the import when the order service had handled its first records");

    let mut again = import(&shop, &file).start().await?;
    let status = again.wait(PATIENCE).await?;
    assert_eq!(status.code(), Some(2), "some lines are bad: {}", again.log());
    let summary = summary(&again.log())?;
    let counted = |name: &str| summary[name].as_i64().unwrap_or(-1);
    let listed = |name: &str| summary[name].as_array().map_or(0, Vec::len);
    assert_eq!(counted("lines"), sheet.lines.len() as i64);
    assert_eq!(counted("orders"), sheet.orders);
    assert_eq!(counted("order_lines"), sheet.order_lines);
    assert_eq!(counted("orders_refused"), sheet.orders_refused);
    assert_eq!(listed("refused"), sheet.lines_refused);
    assert_eq!(listed("duplicates"), sheet.duplicates);

    wait::until(PATIENCE, async || handled().await - before >= sheet.orders as f64).await?;
    shop.at_rest().await?;
    let books = shop.audit(&[], 0).await?;
    let market = |what: &str| books.number(&["by channel", "market", what]);
    assert_eq!(market("orders"), sheet.orders);
    assert_eq!(market("quantity"), sheet.quantity);
    assert_eq!(market("money"), sheet.money);
    assert_eq!(market("OrderCompleted") + market("OrderRejected"), sheet.orders);
    assert!(market("OrderRejected") > 0, "nothing ran out");
    Ok(())
}

/// The JSON object among the lines of the log.
fn summary(log: &str) -> anyhow::Result<Value> {
    let start = log.find("\n{").map_or(0, |newline| newline + 1);
    let mut values = serde_json::Deserializer::from_str(&log[start..]).into_iter();
    values.next().with_context(|| format!("no summary in {log}"))?.context("a summary in JSON")
}
