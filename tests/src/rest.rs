//! Waiting until a shop has come to rest: nothing is behind, in flight or waiting to be sent.

use std::time::Duration;

use anyhow::Context;

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
            if now.is_some_and(|(_, left)| left == 0.0) && still >= STILL {
                return Ok(());
            }
            tokio::time::sleep(AGAIN).await;
        }
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
