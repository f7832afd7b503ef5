//! Until each order has its end, its mails, and what should be on its customer's page.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use shop_service::Cluster;
use uuid::Uuid;

use super::order::{Mail, Order};
use super::orders::Orders;
use super::patience::{PATIENCE, PAUSE};
use crate::publish::Publisher;
use crate::scan::{self, Places};

/// How long a page may be behind the mails.
const BEHIND: Duration = Duration::from_secs(20);

/// What is needed of NotificationSent.
#[derive(Deserialize)]
struct Sent {
    notification_id: Uuid,
    order_id: Uuid,
    #[serde(default)]
    template: String,
    #[serde(default)]
    message_id: Option<String>,
}

/// Waits for the ends; past the deadline the table shows what is missing.
pub(super) async fn for_ends(client: &Orders, orders: &mut [Order]) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} orders have ended; {msg}")?;
    let bar = ProgressBar::new(orders.len() as u64).with_style(style);
    loop {
        let mut waiting = look(client, orders, Order::goes_on).await?;
        if waiting.is_empty() {
            // A payment may have crossed a cancellation since an order was looked at.
            waiting = look(client, orders, |_| true).await?;
        }
        bar.set_position((orders.len() - waiting.len()) as u64);
        bar.set_message(format!("waiting for {}", waiting.join(", ")));
        if waiting.is_empty() || Instant::now() > end {
            bar.finish_and_clear();
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Asks for the orders that are meant, and says whose of them go on.
async fn look(
    client: &Orders,
    orders: &mut [Order],
    meant: impl Fn(&Order) -> bool,
) -> anyhow::Result<Vec<&'static str>> {
    let mut waiting = Vec::new();
    for order in orders.iter_mut().filter(|order| meant(order)) {
        order.story = client.story(order.order_id, &order.by.account).await?;
        if order.goes_on() {
            waiting.push(order.by.name);
        }
    }
    Ok(waiting)
}

/// Waits for the mails that tell of the ends.
pub(super) async fn for_mails(
    cluster: &Cluster,
    publisher: &Publisher,
    mut from: Places,
    orders: &mut [Order],
) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        let next = scan::ends(cluster, &["notifications"]).await?;
        for record in scan::read(cluster, &["notifications"], from, |_| true).await? {
            let Ok((_, sent)) = record.decode::<Sent>(&publisher.emitter.schemas).await else {
                continue;
            };
            let order = orders.iter_mut().find(|order| order.order_id == sent.order_id);
            let Some(order) = order.filter(|_| sent.message_id.is_some()) else { continue };
            let mail = Mail { id: sent.notification_id, template: sent.template };
            // Records may come twice, mails may not.
            if !order.mails.contains(&mail) {
                order.mails.push(mail);
            }
        }
        from = next;
        if orders.iter().all(|order| order.mails.len() >= order.news().len())
            || Instant::now() > end
        {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits for the pages, which are told at the same time as the mails are written.
pub(super) async fn for_pages(orders: &mut [Order]) {
    let all = async {
        for order in orders {
            let news = order.news().len();
            if let Some(page) = &mut order.by.page {
                page.until(news).await;
            }
        }
    };
    // Past the deadline the table shows what is missing.
    let _ = tokio::time::timeout(BEHIND, all).await;
}
