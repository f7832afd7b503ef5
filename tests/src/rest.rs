//! Waiting until a shop has come to rest: nothing is behind, in flight or waiting to be sent.

use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::PATIENCE;
use crate::insistent::AGAIN;
use crate::moving::Moving;
use crate::shop::Shop;

/// Lag is measured now and then; a number that stood still for so long has been measured.
const STILL: Duration = Duration::from_millis(2_500);

impl Shop {
    /// Waits until every service has read all there is, finished it and sent what follows from it.
    pub async fn at_rest(&self) -> anyhow::Result<()> {
        let mut moving = Moving::new("records handled, and work that is left");
        loop {
            let now = self.handled_and_left().await.ok();
            let still = moving.look(now).context("the shop did not come to rest")?;
            let rests = now.is_some_and(|(_, left)| left == 0.0) && still >= STILL;
            // What came while the broker was asked would be handled by now, or waits.
            if rests && self.all_is_read().await? && self.handled_and_left().await.ok() == now {
                return Ok(());
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Whether the broker has it so: a service that had no turn on a busy machine says of itself what was
    /// so before, and of partitions that nobody has nobody says anything.
    async fn all_is_read(&self) -> anyhow::Result<bool> {
        let mut lag = self.orderline("viewer").args(["lag", "--json"]).start().await?;
        let ended = lag.wait(PATIENCE).await?;
        if !ended.success() {
            eprintln!("{}", lag.log());
            return Ok(false);
        }
        let log = lag.log();
        let lines = &log[log.find('[').unwrap_or_default()..];
        let lines: Vec<Value> = serde_json::from_str(lines).with_context(|| log.clone())?;
        let running: Vec<&str> = self.services().flat_map(|service| groups(service.name)).collect();
        let of_running =
            |line: &&Value| line["group"].as_str().is_some_and(|g| running.contains(&g));
        Ok(lines.iter().filter(of_running).all(|line| line["lag"] == 0))
    }

    /// How many records were handled in all, and how much is still to be done.
    async fn handled_and_left(&self) -> anyhow::Result<(f64, f64)> {
        let busy = [
            "outbox_records",
            "pipeline_in_flight",
            "pipeline_lag",
            "pipeline_stalled",
            "payment_unsettled",
        ];
        let (mut handled, mut left) = (0.0, 0.0);
        for service in self.services() {
            let text = metrics(&service.address).await?;
            left += busy.iter().map(|name| sum(&text, name)).sum::<f64>();
            handled += sum(&text, "pipeline_records_total");
        }
        Ok((handled, left))
    }
}

/// The consumer groups of a service.
fn groups(service: &str) -> Vec<&str> {
    if service == "notification" { vec!["email", "push"] } else { vec![service] }
}

/// What a service says of itself.
pub async fn metrics(address: &str) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    Ok(client.get(format!("http://{address}/metrics")).send().await?.text().await?)
}

/// The sum of a metric over all its labels.
pub fn sum(metrics: &str, name: &str) -> f64 {
    let of_name = |line: &&str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{') || rest.starts_with(' '))
    };
    let value = |line: &str| line.rsplit(' ').next().and_then(|number| number.parse::<f64>().ok());
    metrics.lines().filter(of_name).filter_map(value).sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_metric_is_summed_over_its_labels_and_not_mixed_up_with_a_longer_name() {
        let text = "# HELP lag x\nlag{a=\"1 2\"} 3\nlag{a=\"2\"} 4\nlag_seconds 9\n";
        assert_eq!(super::sum(text, "lag"), 7.0);
    }
}
