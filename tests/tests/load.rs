//! `orderline load` tells what the topics hold.

use std::path::PathBuf;

use anyhow::Context;
use journeys::PATIENCE;
use journeys::customers::Accepted;
use journeys::shop::Shop;
use serde_json::Value;

/// A run's report, the ids that it says were accepted, and its plot.
struct Told {
    report: Value,
    accepted: Vec<Accepted>,
    plot: String,
}

impl Told {
    fn count(&self, name: &str) -> i64 {
        self.report["counts"][name].as_i64().unwrap_or(-1)
    }
}

async fn load(shop: &Shop, name: &str, args: &[&str]) -> anyhow::Result<Told> {
    let file = |kind: &str| -> PathBuf { shop.folder().join(format!("{name}.{kind}")) };
    let [json, svg, ids] = ["json", "svg", "ids"].map(|kind| file(kind).display().to_string());
    let service = format!("http://{}", shop.order.address);
    let customers = (1..=5).map(|n| shop.issuer.token(uuid::Uuid::from_u128(n), "customer"));
    let tokens = file("tokens").display().to_string();
    std::fs::write(&tokens, customers.collect::<Vec<_>>().join("\n"))?;
    let command = shop
        .orderline("shop")
        .args(["load", "--order-service", &service, "--label", &shop.broker.describe()])
        .args(["--tokens", &tokens, "--json", &json, "--plot", &svg, "--accepted", &ids])
        .args(args);
    let mut process = command.start().await?;
    let status = process.wait(PATIENCE).await?;
    anyhow::ensure!(status.success(), "load {args:?} failed ({status}): {}", process.log());
    let accepted = std::fs::read_to_string(ids)?;
    let accepted = accepted.lines().map(|id| {
        let order_id = id.parse().with_context(|| format!("an id: {id}"))?;
        Ok(Accepted { order_id, total: 0, cancelled: false })
    });
    Ok(Told {
        report: serde_json::from_str(&std::fs::read_to_string(json)?)?,
        accepted: accepted.collect::<anyhow::Result<_>>()?,
        plot: std::fs::read_to_string(svg)?,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_tells_what_the_topics_hold() -> anyhow::Result<()> {
    // The products are the command's own.
    let shop = Shop::open(&[]).await?;
    // One piece of each of two products.
    let scarce = ["--orders", "20", "--by", "topic", "--products", "2", "--restock", "1"];
    let scarce = load(&shop, "scarce", &scarce).await?;
    let paced = load(&shop, "paced", &["--orders", "40", "--rate", "40"]).await?;
    let fast =
        load(&shop, "fast", &["--orders", "30", "--concurrency", "8", "--by", "topic"]).await?;

    shop.at_rest().await?;
    let books = shop.audit(&paced.accepted, 0).await?;
    let by = |channel: &str, what: &str| books.number(&["by channel", channel, what]);
    for (what, counted) in [("orders", "accepted"), ("OrderCompleted", "completed")] {
        assert_eq!(by("web", what), paced.count(counted), "{what} by HTTP");
        let topic = fast.count(counted) + scarce.count(counted);
        assert_eq!(by("load-test", what), topic, "{what} by topic");
    }
    assert_eq!(by("load-test", "OrderRejected"), scarce.count("rejected"));
    assert!(scarce.count("rejected") >= 18, "two pieces were enough for twenty orders");
    for (told, orders) in [(&paced, 40), (&fast, 30), (&scarce, 20)] {
        let ends = told.count("completed") + told.count("rejected");
        assert_eq!((told.count("accepted"), ends), (orders, orders));
        assert_eq!((told.count("mails_sent"), told.count("unfinished")), (orders, 0));
        assert_eq!(told.accepted.len() as i64, orders);
        let mails = &told.report["latency_ms"]["accepted_to_mail"]["count"];
        assert_eq!(mails.as_i64(), Some(orders));
        assert!(told.plot.contains(&shop.broker.describe()) && told.plot.contains("Throughput"));
    }
    let text = |told: &Told, path: &str| told.report.pointer(path).map(Value::to_string);
    assert_eq!(text(&paced, "/parameters/loop").as_deref(), Some("\"open\""));
    assert_eq!(text(&fast, "/parameters/loop").as_deref(), Some("\"closed\""));
    // Forty orders at 40/s: the last is due 975 ms after the first.
    let sending = paced.report["sending_seconds"].as_f64();
    assert!(sending.is_some_and(|seconds| seconds >= 0.975), "{sending:?}");
    shop.mail.wait_for(90, PATIENCE).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_never_end_are_named_and_the_load_fails() -> anyhow::Result<()> {
    let mut shop = Shop::open(&[]).await?;
    load(&shop, "whole", &["--orders", "5", "--products", "3"]).await?;
    shop.notification.process.kill().await?;
    let failed =
        load(&shop, "torn", &["--orders", "5", "--products", "3", "--patience", "20"]).await;
    let told = failed.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told.contains("5 accepted orders have no end or no word of their mail"), "{told}");
    let report: Value = serde_json::from_slice(&std::fs::read(shop.folder().join("torn.json"))?)?;
    assert_eq!(
        (&report["counts"]["completed"], &report["counts"]["unfinished"]),
        (&5.into(), &5.into())
    );
    assert_eq!(report["unfinished_examples"].as_array().map(Vec::len), Some(5));
    Ok(())
}
