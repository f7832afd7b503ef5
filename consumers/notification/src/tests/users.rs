//! What is known of the users: their own address, what they want, and that they are gone.

use shop_events::{NotificationFailed, NotificationFailure, NotificationSent};
use shop_testkit::database::Kind;
use sqlx::Row;

use super::made::{completed, user};
use super::running::Notification;

shop_testkit::on_every_database!(
    an_order_without_an_address_goes_to_the_users_own,
    who_turned_mails_off_gets_none,
    a_state_that_comes_late_changes_nothing,
    an_erased_user_is_forgotten,
);

async fn an_order_without_an_address_goes_to_the_users_own(on: Kind) {
    let notification = Notification::start(on, &[]).await;
    notification.publish(&user(1, vec![])).await;
    notification.settled().await;
    let (mut without, mut blank) = (completed(1), completed(2));
    (without.email, without.name) = (None, None);
    blank.email = Some("  ".into());
    notification.publish(&without).await;
    notification.publish(&blank).await;
    notification.publish(&completed(3)).await;
    notification.settled().await;
    let mails = notification.mails();
    let to = |to: &str| mails.iter().filter(|mail| mail.contains(&format!("To: {to}\r\n"))).count();
    assert_eq!(to("\"Alice Private\" <alice.private@example.org>"), 1);
    assert_eq!(to("Alice <alice.private@example.org>"), 1);
    assert_eq!(to("Alice <alice@example.org>"), 1);
    assert_eq!(notification.told::<NotificationSent>().len(), 3);
}

async fn who_turned_mails_off_gets_none(on: Kind) {
    let notification = Notification::start(on, &[]).await;
    let mut silent = user(1, vec![]);
    silent.email_enabled = false;
    notification.publish(&silent).await;
    notification.settled().await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    assert_eq!(notification.mails().len(), 0);
    assert_eq!(notification.told::<NotificationSent>().len(), 0);
    assert_eq!(notification.told::<NotificationFailed>().len(), 0);
}

async fn a_state_that_comes_late_changes_nothing(on: Kind) {
    let notification = Notification::start(on, &[]).await;
    let (now, mut before) = (user(3, vec![]), user(2, vec![]));
    before.email = "old@example.org".into();
    notification.publish(&now).await;
    notification.publish(&before).await;
    notification.settled().await;
    let mut order = completed(1);
    order.email = None;
    notification.publish(&order).await;
    notification.settled().await;
    assert!(notification.mails()[0].contains("alice.private@example.org"));
}

async fn an_erased_user_is_forgotten(on: Kind) {
    let notification = Notification::start(on, &[]).await;
    let user = user(
        1,
        vec![r#"{"endpoint":"https://192.0.2.1/1","keys":{"p256dh":"","auth":""}}"#.into()],
    );
    notification.publish(&user).await;
    notification.settled().await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    let tables = ["people", "devices", "messages", "sent"];
    assert_eq!(rows(&notification, &tables).await, [1, 1, 1, 0]);

    notification.erase(user.user_id).await;
    notification.settled().await;
    assert_eq!(rows(&notification, &tables).await, [0, 0, 0, 0]);
    let mut order = completed(2);
    order.email = None;
    notification.publish(&order).await;
    notification.settled().await;
    let failed = notification.told::<NotificationFailed>();
    let of_second = failed.iter().find(|f| f.order_id.as_u128() == 2).expect("told");
    assert_eq!(of_second.reason, NotificationFailure::NoRecipient);
    assert_eq!(rows(&notification, &tables).await, [0, 0, 0, 0]);
}

async fn rows(notification: &Notification, tables: &[&str]) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in tables {
        let count = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")));
        let row = count.fetch_one(notification.store.reader()).await.expect("counts");
        counts.push(row.get(0));
    }
    counts
}
