//! Waiting until a shop has come to rest: nothing is behind, in flight or waiting to be sent.

use std::time::Duration;

use anyhow::Context;
use shop_testkit::wait;

use crate::PATIENCE;
use crate::shop::Shop;

/// Lag is measured now and then; a number that stood still for so long has been measured.
const STILL: Duration = Duration::from_millis(2_500);

impl Shop {
    /// Waits until every service has read all there is, finished it and sent what follows from it.
    pub async fn at_rest(&self) -> anyhow::Result<()> {
        let (mut last, mut since) = (None, tokio::time::Instant::now());
        wait::until(PATIENCE, async || {
            let handled = self.handled_if_idle().await.ok().flatten();
            if handled != last {
                (last, since) = (handled, tokio::time::Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            last.is_some() && since.elapsed() >= STILL
        })
        .await
        .context("the shop did not come to rest")
    }

    /// How many records were handled in all, unless something is still to be done.
    async fn handled_if_idle(&self) -> anyhow::Result<Option<u64>> {
        let mut handled = 0;
        for service in self.services() {
            let text = metrics(&service.address).await?;
            let busy = [
                "outbox_records",
                "pipeline_in_flight",
                "pipeline_lag",
                "pipeline_stalled",
                "payment_unsettled",
            ];
            if busy.iter().any(|name| sum(&text, name) != 0.0) {
                return Ok(None);
            }
            handled += sum(&text, "pipeline_records_total") as u64;
        }
        Ok(Some(handled))
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
