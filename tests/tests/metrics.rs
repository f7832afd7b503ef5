//! The page of metrics, the dashboard and the alerts say what running services export.

use std::path::Path;
use std::process::Stdio;

use journeys::shop::Shop;
use journeys::{PATIENCE, seed};

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_documented_and_every_panel_and_alert_has_its_metrics() -> anyhow::Result<()>
{
    // Of the second product there is none: orders end in both ways.
    let mut shop = Shop::open(&[1_000, 0]).await?;
    shop.another("user").await?;
    let customers = shop.customers().choosing_from(2);
    let orders = customers.order(0..6, seed()).await?;
    customers.until_ended(&orders).await?;
    shop.mail.wait_for(6, PATIENCE).await?;
    shop.at_rest().await?;

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let addresses = shop.services().chain([&shop.registry]).map(|service| &service.address);
    let checked = tokio::process::Command::new(root.join("tests/metrics/run.sh"))
        .arg("--docs")
        .arg(root.join("docs/metrics.md"))
        .arg("--dashboard")
        .arg(root.join("grafana/orderline.json"))
        .args(addresses)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await?;
    let text = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "\n{text}");
    eprintln!("{text}");
    Ok(())
}
