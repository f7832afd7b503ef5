//! SIGKILL by chance, of one service after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use shop_testkit::wait;

use crate::rest::{metrics, sum};
use crate::shop::{Running, Shop};

/// How long one that was killed has to come back to work; the broker gives its partitions to it when
/// its last life has not been heard of for ten seconds.
const BACK: Duration = Duration::from_secs(30);

/// Kills, and keeps count.
pub struct Killer {
    random: SmallRng,
    victims: Vec<&'static str>,
    /// Those whose turn is to come, in an order of chance.
    due: Vec<&'static str>,
    /// How often each was killed, and how often it had handled records since its start.
    count: BTreeMap<&'static str, (u32, u32)>,
}

impl Killer {
    /// Of these services.
    pub fn of(victims: &[&'static str], seed: u64) -> Self {
        let (random, victims) = (SmallRng::seed_from_u64(seed), victims.to_vec());
        Killer { random, victims, due: Vec::new(), count: BTreeMap::new() }
    }

    /// Says whose turn it is. One that was killed before has come back to work by then, if it has any.
    pub async fn choose(&mut self, shop: &mut Shop) -> anyhow::Result<&'static str> {
        if self.due.is_empty() {
            self.due.clone_from(&self.victims);
            self.due.shuffle(&mut self.random);
        }
        let victim = self.due.pop().context("nobody to kill")?;
        if self.count.contains_key(victim) {
            let service = running(shop, victim)?;
            let _ = wait::until(BACK, async || handled(service).await > 0).await;
        }
        Ok(victim)
    }

    /// Kills it in a moment, and starts it again. `when` is for people.
    pub async fn strike(
        &mut self,
        shop: &mut Shop,
        victim: &'static str,
        when: impl Fn() -> String,
    ) -> anyhow::Result<()> {
        let service = running(shop, victim)?;
        // Customers wait for a service that they ask, while the others are some way behind.
        let within = if ["order", "cart"].contains(&victim) { 50 } else { 1_000 };
        tokio::time::sleep(Duration::from_millis(self.random.random_range(0..within))).await;
        let records = handled(service).await;
        service.process.kill().await?;
        let (kills, at_work) = self.count.entry(victim).or_default();
        *kills += 1;
        *at_work += u32::from(records > 0);
        eprintln!("kill -9 of {victim}, its {kills}., after {} and {records} records", when());
        tokio::time::sleep(Duration::from_millis(self.random.random_range(0..500))).await;
        service.process.restart().await
    }

    /// How often each was killed, as a line.
    pub fn tally(&self) -> String {
        let each = self
            .count
            .iter()
            .map(|(name, (kills, at_work))| format!("{name} {kills} times ({at_work} at work)"));
        format!("killed: {}", each.collect::<Vec<_>>().join(", "))
    }
}

fn running<'a>(shop: &'a mut Shop, name: &str) -> anyhow::Result<&'a mut Running> {
    shop.instances(name).into_iter().next().with_context(|| format!("{name} does not run"))
}

/// Records since its start.
async fn handled(service: &Running) -> u64 {
    let text = metrics(&service.address).await.unwrap_or_default();
    sum(&text, "pipeline_records_total") as u64
}
