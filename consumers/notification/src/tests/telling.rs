use std::time::Duration;

use shop_events::{NotificationFailed, NotificationFailure, NotificationSent};
use shop_testkit::smtp::{Rules, Server};
use sqlx::Row;

use super::made::{cancelled, completed, rejected};
use super::running::Notification;
use shop_testkit::database::Kind;

shop_testkit::on_every_database!(
    each_end_of_an_order_is_one_mail_however_often_it_comes,
    an_order_without_a_good_address_is_told_as_failed,
    a_name_or_an_address_that_would_forge_a_header_is_dead_lettered,
    a_mail_in_doubt_is_sent_again_and_counted,
    a_mail_reaches_a_real_server_with_both_bodies,
    a_refused_mail_is_told_as_failed_and_names_nobody,
    a_deferred_mail_arrives_later,
    a_mail_whose_answer_was_lost_comes_again_with_the_same_id,
    mails_wait_for_a_server_that_is_away,
);

const SOON: Duration = Duration::from_secs(60);

async fn each_end_of_an_order_is_one_mail_however_often_it_comes(on: Kind) {
    let notification = Notification::start(on, &[]).await;
    let first = notification.record(&completed(1));
    notification.send(first.clone()).await;
    notification.send(first).await;
    notification.publish(&rejected(2)).await;
    notification.publish(&cancelled(3)).await;
    notification.settled().await;

    let sent = notification.told::<NotificationSent>();
    let mut templates: Vec<_> = sent.iter().map(|s| s.template.as_str()).collect();
    templates.sort_unstable();
    assert_eq!(templates, ["order_cancelled", "order_completed", "order_rejected"]);
    let mails = notification.mails();
    assert_eq!(mails.len(), 3);
    for sent in sent {
        assert_eq!(sent.recipient, "a***@example.org");
        let id = sent.message_id.expect("a mail has one");
        let with_id = mails.iter().filter(|m| m.contains(&format!("Message-ID: {id}\r\n")));
        assert_eq!(with_id.count(), 1);
    }
}

async fn an_order_without_a_good_address_is_told_as_failed(on: Kind) {
    let notification = Notification::start(on, &[]).await;
    for (order, email) in [(1, None), (2, Some("  ")), (3, Some("alice at example.org"))] {
        let mut event = completed(order);
        event.email = email.map(str::to_owned);
        notification.publish(&event).await;
    }
    notification.settled().await;
    let mut failed = notification.told::<NotificationFailed>();
    failed.sort_by_key(|f| f.order_id);
    let reasons: Vec<_> = failed.iter().map(|f| f.reason).collect();
    use NotificationFailure::{NoRecipient, Refused};
    assert_eq!(reasons, [NoRecipient, NoRecipient, Refused]);
    assert_eq!((notification.mails().len(), notification.dead_letters()), (0, 0));
}

async fn a_name_or_an_address_that_would_forge_a_header_is_dead_lettered(on: Kind) {
    let notification = Notification::start(on, &[]).await;
    let (mut name, mut email, mut subject) = (completed(1), completed(2), completed(3));
    name.name = Some("Alice\r\nBcc: eve@example.org".into());
    email.email = Some("alice@example.org\nBcc: eve@example.org".into());
    subject.order_ref = Some("1\r\n\r\n<p>".into());
    for event in [name, email, subject] {
        notification.publish(&event).await;
    }
    notification.settled().await;
    assert_eq!((notification.mails().len(), notification.dead_letters()), (0, 3));
}

/// What a crash between the mail and its receipt leaves behind: an intent.
async fn leave_in_doubt(notification: &Notification, event_id: &str) {
    let written: Result<(), sqlx::Error> = notification
        .store
        .write(Default::default(), |tx| {
            let intent = sqlx::query(
                "INSERT INTO inbox (consumer, event_id, state, at_micros) VALUES ($1, $2, $3, $4)",
            );
            let intent = intent.bind("email").bind(event_id).bind("intent").bind(0_i64);
            Box::pin(async move { intent.execute(tx.conn()).await.map(drop) })
        })
        .await;
    written.expect("commits");
}

fn event_id(record: &pipeline::Outgoing) -> String {
    let id = record.headers.iter().find(|(name, _)| name == pipeline::meta::header::ID);
    String::from_utf8(id.expect("has one").1.clone()).expect("text")
}

async fn a_mail_in_doubt_is_sent_again_and_counted(on: Kind) {
    let mut notification = Notification::new(on).await;
    let record = notification.record(&completed(1));
    leave_in_doubt(&notification, &event_id(&record)).await;
    notification.send(record).await;
    notification.join(&[]).await;
    notification.settled().await;
    assert_eq!((notification.mails().len(), notification.told::<NotificationSent>().len()), (1, 1));
    let mut metrics = String::new();
    prometheus_client::encoding::text::encode(&mut metrics, &notification.metrics).expect("text");
    let counted = metrics.lines().any(|l| l.contains("in_doubt") && l.ends_with(" 1"));
    assert!(counted, "{metrics}");
    let left = sqlx::query("SELECT COUNT(*) FROM inbox WHERE state = 'intent'")
        .fetch_one(notification.store.reader())
        .await
        .expect("reads");
    assert_eq!(left.get::<i64, _>(0), 0);
}

fn url(server: &Server) -> String {
    format!("smtp://{}:{}", server.host(), server.port())
}

async fn a_mail_reaches_a_real_server_with_both_bodies(on: Kind) {
    let server = Server::start().await.expect("starts");
    let notification = Notification::start(on, &["--smtp-url", &url(&server)]).await;
    notification.publish(&completed(1)).await;
    let mails = server.wait_for(1, SOON).await.expect("arrives");
    let mail = &mails[0];
    assert_eq!(mail.to, ["alice@example.org"]);
    assert_eq!(mail.header("Subject").as_deref(), Some("Your order web-1 is complete"));
    let text = mail.text();
    assert!(
        text.contains("text/plain") && text.contains("text/html") && text.contains("11.77 EUR")
    );
    notification.settled().await;
    let sent = notification.told::<NotificationSent>();
    assert_eq!(sent[0].message_id, mail.header("Message-ID"));
}

async fn a_refused_mail_is_told_as_failed_and_names_nobody(on: Kind) {
    let server = Server::start().await.expect("starts");
    server.set(&Rules { refuse: Some("alice".into()), ..Default::default() }).expect("set");
    let notification = Notification::start(on, &["--smtp-url", &url(&server)]).await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    let failed = notification.told::<NotificationFailed>();
    assert_eq!(failed[0].reason, NotificationFailure::Refused);
    let detail = failed[0].detail.as_deref().unwrap_or_default();
    assert!(detail.contains("550") && !detail.contains("alice"), "{detail}");
    assert_eq!(notification.dead_letters(), 0);
}

async fn a_deferred_mail_arrives_later(on: Kind) {
    let server = Server::start().await.expect("starts");
    server.set(&Rules { defer: 2, ..Default::default() }).expect("set");
    let notification = Notification::start(on, &["--smtp-url", &url(&server)]).await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    assert_eq!(server.messages().expect("reads").len(), 1);
}

async fn a_mail_whose_answer_was_lost_comes_again_with_the_same_id(on: Kind) {
    let server = Server::start().await.expect("starts");
    server.set(&Rules { lose_answer: 1, ..Default::default() }).expect("set");
    let notification = Notification::start(on, &["--smtp-url", &url(&server)]).await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    let ids: Vec<_> =
        server.messages().expect("reads").iter().map(|m| m.header("Message-ID")).collect();
    assert!(ids.len() == 2 && ids[0].is_some() && ids[0] == ids[1], "{ids:?}");
    assert_eq!(notification.told::<NotificationSent>().len(), 1);
}

async fn mails_wait_for_a_server_that_is_away(on: Kind) {
    let mut server = Server::start().await.expect("starts");
    server.kill().expect("is killed");
    let notification = Notification::start(on, &["--smtp-url", &url(&server)]).await;
    for order in 1..=30 {
        notification.publish(&completed(order)).await;
    }
    notification.stopped().await;
    server.restart().await.expect("is back");
    notification.settled().await;
    assert_eq!(server.messages().expect("reads").len(), 30);
    assert_eq!(notification.told::<NotificationSent>().len(), 30);
    assert_eq!(notification.dead_letters(), 0);
}
