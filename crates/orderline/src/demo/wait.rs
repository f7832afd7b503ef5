//! Until each order has its end and its mail.

use std::time::{Duration, Instant};

use notification::MailSettings;
use serde::Deserialize;
use shop_service::Cluster;
use uuid::Uuid;

use super::client::{Change, Client};
use super::plan::Planned;
use crate::accounts::Account;
use crate::publish::Publisher;
use crate::scan::{self, Places};

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

/// An order that was placed, and what is known of it.
pub(super) struct Order {
    pub(super) planned: Planned,
    pub(super) order_id: Uuid,
    /// Whose it is.
    pub(super) account: Account,
    pub(super) state: String,
    pub(super) changes: Vec<Change>,
    /// What payment has said of it last.
    pub(super) payment: Option<String>,
    /// The mail that tells of its end.
    pub(super) mail: Option<Uuid>,
}

impl Order {
    pub(super) fn new(planned: Planned, order_id: Uuid, account: Account) -> Self {
        Order {
            planned,
            order_id,
            account,
            state: String::new(),
            changes: Vec::new(),
            payment: None,
            mail: None,
        }
    }

    /// What is not as it should be.
    pub(super) fn wrong(&self, mail: &MailSettings) -> Option<String> {
        if self.state != self.planned.end {
            return Some(format!("should be {}", self.planned.end));
        }
        if !self.money_is_right() {
            return Some("the money is not where it should be".into());
        }
        let Some(id) = self.mail else { return Some("no mail".into()) };
        let file = mail.mail_dir.join(format!("{id}.eml"));
        (mail.smtp_url.is_none() && !file.exists()).then(|| "its mail is no file".into())
    }

    /// Whether its money is where it belongs after such an end.
    fn money_is_right(&self) -> bool {
        let payment = self.payment.as_deref();
        let right = match self.state.as_str() {
            "completed" => payment == Some("captured"),
            // Declined, or never asked for.
            "rejected" => matches!(payment, None | Some("declined")),
            "cancelled" => matches!(payment, None | Some("declined" | "refunded")),
            _ => false,
        };
        right && (self.planned.payment.is_none() || payment == self.planned.payment)
    }
}

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
pub(super) async fn for_ends(client: &Client, orders: &mut [Order]) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    for order in orders {
        loop {
            let story = client.story(order.order_id, &order.account).await?;
            let ended = story.state == order.planned.end
                || matches!(story.state.as_str(), "completed" | "rejected" | "cancelled");
            (order.state, order.changes) = (story.state, story.changes);
            order.payment = story.payment.map(|payment| payment.state);
            if ended && order.money_is_right() || Instant::now() > end {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
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
            let Some(order) = order else { continue };
            if sent.message_id.is_some() && sent.template == format!("order_{}", order.state) {
                order.mail = Some(sent.notification_id);
            }
        }
        from = next;
        if orders.iter().all(|order| order.mail.is_some()) || Instant::now() > end {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
