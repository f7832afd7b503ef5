//! Until the shop knows its customers: nothing is pushed to somebody who is not known yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pipeline::Schemas;
use rdkafka::Message;
use serde::Deserialize;
use shop_service::Cluster;
use uuid::Uuid;

use super::customer::Customer;
use super::patience::{Miss, until};
use crate::lag::Groups;
use crate::scan::{self, Found, Places};

const TOPIC: &str = "users";

/// What is needed of a user's records, each of which has all that is known of the user.
#[derive(Deserialize)]
struct User {
    user_id: Uuid,
    push_enabled: bool,
}

/// Waits until every group that reads of users has handled what they said of these, who signed up
/// after `from`.
pub(super) async fn to_all(
    cluster: &Cluster,
    schemas: &Schemas,
    from: Places,
    customers: &[Customer],
) -> anyhow::Result<()> {
    let mut wishes = BTreeMap::new();
    for Customer { account, page, .. } in customers {
        wishes.insert(account.user_id, page.is_some());
    }
    let records = until("the customers are on the topic users", async || {
        let keys: BTreeSet<_> = wishes.keys().map(|id| id.to_string().into_bytes()).collect();
        let ours = move |record: &rdkafka::message::BorrowedMessage<'_>| {
            record.key().is_some_and(|key| keys.contains(key))
        };
        let records = scan::read(cluster, &[TOPIC], from.clone(), ours).await?;
        let mut said = BTreeMap::new();
        for record in &records {
            let (_, user) = record.decode::<User>(schemas).await.map_err(anyhow::Error::from)?;
            said.insert(user.user_id, user.push_enabled);
        }
        if said == wishes { Ok(records) } else { Err(Miss::NotYet("some are not".into())) }
    });
    handled(cluster, records.await?).await
}

async fn handled(cluster: &Cluster, records: Vec<Found>) -> anyhow::Result<()> {
    let asked = cluster.clone();
    let groups = move || Groups::reading(&asked, |_, topic| topic == TOPIC);
    let groups = Arc::new(tokio::task::spawn_blocking(groups).await??);
    until("the shop knows the customers", async || {
        let (groups, cluster) = (groups.clone(), cluster.clone());
        let lines = tokio::task::spawn_blocking(move || groups.lines(&cluster)).await;
        let lines = lines.map_err(anyhow::Error::from)??;
        for line in &lines {
            let done = line.committed.unwrap_or(0);
            let of_it = |record: &&Found| record.partition == line.partition;
            if records.iter().filter(of_it).any(|record| record.offset >= done) {
                return Err(Miss::NotYet(format!("the group {} does not", line.group)));
            }
        }
        Ok(())
    })
    .await
}
