//! Push messages at a push service whose devices decrypt and verify with implementations of others.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;
use shop_events::{
    NotificationChannel, NotificationFailed, NotificationFailure, NotificationSent, OrderCompleted,
    UserProfileChanged,
};
use shop_testkit::database::Kind;
use shop_testkit::push::{Answer, Message, Server};
use shop_testkit::wait;
use uuid::Uuid;

use super::made::{cancelled, completed, rejected, user};
use super::running::Notification;

shop_testkit::on_every_database!(
    each_end_of_an_order_reaches_every_device_once_and_decrypts,
    who_is_unknown_or_does_not_want_push_messages_gets_none,
    a_message_waits_a_while_for_a_user_whose_record_is_behind,
    a_device_is_of_whoever_registered_it_last,
    a_device_that_is_gone_is_not_asked_again,
    a_busy_push_service_is_left_alone_as_long_as_it_asks,
    one_users_silent_push_service_holds_nobody_else_up,
    a_message_whose_answer_was_lost_comes_again_under_the_same_topic,
    a_message_that_is_refused_is_told_as_failed_and_no_redirect_is_followed,
    a_device_inside_the_network_is_not_asked,
);

const SOON: Duration = Duration::from_secs(60);
const HERE: &str = "--push-allow-loopback";

/// A service whose user has these devices.
async fn with(on: Kind, server: &Server, devices: &[&str]) -> Notification {
    let notification = Notification::start(on, &[HERE]).await;
    let tokens = devices.iter().map(|device| server.subscription(device).expect("is one"));
    notification.publish(&user(1, tokens.collect())).await;
    notification.settled().await;
    notification
}

fn devices(messages: &[Message]) -> Vec<&str> {
    let mut devices: Vec<_> = messages.iter().map(|message| message.device.as_str()).collect();
    devices.sort_unstable();
    devices
}

fn sent(notification: &Notification) -> Vec<NotificationSent> {
    let mut sent = notification.told::<NotificationSent>();
    sent.retain(|sent| sent.channel == NotificationChannel::Push);
    sent
}

fn failed(notification: &Notification) -> Vec<NotificationFailed> {
    let mut failed = notification.told::<NotificationFailed>();
    failed.retain(|failed| failed.channel == NotificationChannel::Push);
    failed
}

async fn each_end_of_an_order_reaches_every_device_once_and_decrypts(on: Kind) {
    let server = Server::start().await.expect("starts");
    let notification = with(on, &server, &["phone", "tablet"]).await;
    let first = notification.record(&completed(1));
    notification.send(first.clone()).await;
    notification.send(first).await;
    notification.publish(&rejected(2)).await;
    notification.publish(&cancelled(3)).await;
    notification.settled().await;

    let messages = server.messages().expect("each was verified and decrypted");
    assert_eq!(devices(&messages), ["phone", "phone", "phone", "tablet", "tablet", "tablet"]);
    let sent = sent(&notification);
    assert_eq!(sent.len(), 3);
    for message in &messages {
        let plain: Value = serde_json::from_str(&message.plain).expect("is JSON");
        let id = plain["id"].as_str().expect("has one");
        let told = sent.iter().find(|sent| sent.notification_id.to_string() == id);
        let told = told.expect("is told of");
        assert_eq!(plain["template"], told.template.as_str());
        assert_eq!(plain["order_id"], told.order_id.to_string().as_str());
        assert!(plain["body"].as_str().is_some_and(|body| body.contains("11.77 EUR")), "{plain}");
        assert_eq!((&*told.recipient, told.user_id.as_u128()), ("127.0.0.1", 7));

        let header = |name: &str| message.headers.get(name).map(String::as_str);
        assert_eq!(header("content-encoding"), Some("aes128gcm"));
        assert_eq!((header("ttl"), header("urgency")), (Some("86400"), Some("normal")));
        assert!(header("topic").is_some_and(|topic| topic.len() <= 32), "{:?}", message.headers);
        assert!(message.size <= 4_096);
        assert_eq!(message.claims["sub"], "mailto:orders@shop.example");
        let audience = message.claims["aud"].as_str().unwrap_or_default();
        assert!(header("host").is_some_and(|host| audience == format!("http://{host}")));
        let key = header("authorization").and_then(|value| value.split_once(",k="));
        assert_eq!(key.map(|(_, key)| key), Some(&*notification.vapid_key));
    }
    let topics: BTreeSet<_> = messages.iter().map(|message| &message.headers["topic"]).collect();
    assert_eq!(topics.len(), 3, "one for each message, the same on all devices");
}

async fn who_is_unknown_or_does_not_want_push_messages_gets_none(on: Kind) {
    let server = Server::start().await.expect("starts");
    let notification = Notification::start(on, &[HERE]).await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    let mut silent = user(1, vec![server.subscription("phone").expect("is one")]);
    silent.push_enabled = false;
    notification.publish(&silent).await;
    notification.settled().await;
    notification.publish(&completed(2)).await;
    notification.settled().await;
    // No device: open pages alone.
    notification.publish(&user(2, vec!["no subscription".into()])).await;
    notification.settled().await;
    notification.publish(&completed(3)).await;
    notification.settled().await;
    assert_eq!(server.messages().expect("reads").len(), 0);
    assert_eq!((sent(&notification).len(), failed(&notification).len()), (0, 0));
    assert_eq!((notification.mails().len(), notification.dead_letters()), (3, 0));
}

async fn a_message_waits_a_while_for_a_user_whose_record_is_behind(on: Kind) {
    let server = Server::start().await.expect("starts");
    let notification = Notification::start(on, &[HERE]).await;
    let phone = vec![server.subscription("phone").expect("is one")];
    let another = UserProfileChanged { user_id: Uuid::from_u128(8), ..user(1, vec![]) };
    notification.publish(&another).await;
    notification.settled().await;
    // Who is never heard of costs a second try, and by another channel none.
    let (nobody, fair) = (Uuid::from_u128(9), "fair".to_owned());
    notification.publish(&OrderCompleted { user_id: nobody, ..completed(1) }).await;
    let elsewhere = OrderCompleted { user_id: nobody, channel: fair, ..completed(2) };
    notification.publish(&elsewhere).await;
    notification.publish(&completed(3)).await;
    let retried = async || notification.retried().then_some(());
    wait::some(SOON, retried).await.expect("is tried again");
    notification.publish(&user(1, phone)).await;
    let messages = server.wait_for(1, SOON).await.expect("is told all the same");
    assert!(messages[0].plain.contains("web-3"), "{}", messages[0].plain);
    notification.settled().await;
    assert_eq!((sent(&notification).len(), failed(&notification).len()), (1, 0));
    assert_eq!(notification.dead_letters(), 0);
}

async fn a_device_is_of_whoever_registered_it_last(on: Kind) {
    let server = Server::start().await.expect("starts");
    let notification = with(on, &server, &["phone"]).await;
    let shared = vec![server.subscription("phone").expect("is one")];
    let other = UserProfileChanged { user_id: Uuid::from_u128(8), ..user(1, shared.clone()) };
    notification.publish(&other).await;
    notification.settled().await;
    // Decided before the device was taken, and read after it.
    notification.publish(&user(2, shared)).await;
    notification.settled().await;
    notification.publish(&completed(1)).await;
    notification.publish(&OrderCompleted { user_id: other.user_id, ..completed(2) }).await;
    notification.settled().await;
    let messages = server.messages().expect("reads");
    assert_eq!(devices(&messages), ["phone"]);
    assert_eq!(sent(&notification)[0].order_id.as_u128(), 2, "it is on the other's screen");
}

async fn a_device_that_is_gone_is_not_asked_again(on: Kind) {
    let server = Server::start().await.expect("starts");
    server.set("phone", &[Answer::Status(410)]).expect("set");
    let notification = with(on, &server, &["phone"]).await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    let failed = failed(&notification);
    assert_eq!(failed[0].reason, NotificationFailure::NoRecipient);
    // It would be 201 by now, and the user's record still has it.
    let tokens = vec![server.subscription("phone").expect("is one")];
    notification.publish(&user(2, tokens)).await;
    notification.settled().await;
    notification.publish(&completed(2)).await;
    notification.settled().await;
    assert_eq!(server.messages().expect("reads").len(), 0);
    assert_eq!(notification.told::<NotificationFailed>().len(), 1);
}

async fn a_busy_push_service_is_left_alone_as_long_as_it_asks(on: Kind) {
    let server = Server::start().await.expect("starts");
    server.set("tablet", &[Answer::RetryAfter(429, "3"), Answer::Status(503)]).expect("set");
    let notification = with(on, &server, &["phone", "tablet"]).await;
    let begun = Instant::now();
    notification.publish(&completed(1)).await;
    notification.settled().await;
    // Three seconds as it asked, and four after the second try.
    assert!(begun.elapsed() >= Duration::from_secs(7), "{:?}", begun.elapsed());
    let messages = server.messages().expect("reads");
    assert_eq!(devices(&messages), ["phone", "tablet"], "and the phone not once more");
    assert_eq!((sent(&notification).len(), notification.dead_letters()), (1, 0));
    let left = sqlx::query("SELECT 1 FROM sent").fetch_all(notification.store.reader()).await;
    assert!(left.expect("reads").is_empty());
}

async fn one_users_silent_push_service_holds_nobody_else_up(on: Kind) {
    let server = Server::start().await.expect("starts");
    let phone = server.subscription("phone").expect("is one");
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let mut given: Value = serde_json::from_str(&phone).expect("is JSON");
    given["endpoint"] = format!("http://{}/", silent.local_addr().expect("has one")).into();
    let (connected, mut seen) = tokio::sync::watch::channel(0);
    let accepting = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = silent.accept().await {
            held.push(stream);
            connected.send_replace(held.len());
        }
    });
    // Much longer than a message takes that nothing holds up.
    let notification = Notification::start(on, &[HERE, "--push-seconds", "60"]).await;
    let other = Uuid::from_u128(8);
    notification.publish(&user(1, vec![given.to_string()])).await;
    notification.publish(&UserProfileChanged { user_id: other, ..user(1, vec![phone]) }).await;
    notification.settled().await;
    for order in 1..=300 {
        notification.publish(&completed(order)).await;
    }
    let busy = seen.wait_for(|held| *held >= 20);
    tokio::time::timeout(SOON, busy).await.expect("it is asked").expect("listens");
    notification.publish(&OrderCompleted { user_id: other, ..completed(1_000) }).await;
    let messages = server.wait_for(1, SOON).await.expect("is not held up");
    assert_eq!(devices(&messages), ["phone"]);
    accepting.abort();
}

async fn a_message_whose_answer_was_lost_comes_again_under_the_same_topic(on: Kind) {
    let server = Server::start().await.expect("starts");
    server.set("phone", &[Answer::Silence]).expect("set");
    let notification = with(on, &server, &["phone"]).await;
    notification.publish(&completed(1)).await;
    notification.settled().await;
    let messages = server.wait_for(2, SOON).await.expect("comes again");
    assert_eq!(messages[0].headers["topic"], messages[1].headers["topic"]);
    let id = |message: &Message| {
        serde_json::from_str::<Value>(&message.plain).expect("is JSON")["id"].clone()
    };
    assert_eq!(id(&messages[0]), id(&messages[1]));
    assert_eq!(sent(&notification).len(), 1);
}

async fn a_message_that_is_refused_is_told_as_failed_and_no_redirect_is_followed(on: Kind) {
    let server = Server::start().await.expect("starts");
    let other = Server::start().await.expect("starts");
    let other = other.subscription("phone").expect("is one");
    let to: Value = serde_json::from_str(&other).expect("is JSON");
    let to = to["endpoint"].as_str().expect("has one").to_owned();
    let answers = [Answer::Status(413), Answer::Status(403), Answer::Redirect(307, to)];
    server.set("phone", &answers).expect("set");
    let notification = with(on, &server, &["phone"]).await;
    for (order, word) in [(1, "413"), (2, "VAPID"), (3, "307")] {
        notification.publish(&completed(order)).await;
        notification.settled().await;
        let failed = failed(&notification);
        let of_order = failed.iter().find(|f| f.order_id.as_u128() == order).expect("told");
        assert_eq!(of_order.reason, NotificationFailure::Refused);
        let detail = of_order.detail.as_deref().unwrap_or_default();
        assert!(detail.contains(word) && !detail.contains("/send/"), "{detail}");
    }
    assert_eq!((server.messages().expect("reads").len(), notification.dead_letters()), (0, 0));
}

async fn a_device_inside_the_network_is_not_asked(on: Kind) {
    let server = Server::start().await.expect("starts");
    let notification = Notification::start(on, &[]).await;
    let given = server.subscription("phone").expect("is one");
    let by_name = given.replace("http://127.0.0.1", "https://localhost");
    for (version, token) in [(1, given), (2, by_name)] {
        notification.publish(&user(version, vec![token])).await;
        notification.settled().await;
        notification.publish(&completed(version as u128)).await;
        notification.settled().await;
    }
    let failed = failed(&notification);
    assert_eq!(failed.len(), 2);
    for failed in failed {
        assert_eq!(failed.reason, NotificationFailure::Refused);
        let detail = failed.detail.unwrap_or_default();
        assert!(detail.contains("inside a network"), "{detail}");
    }
    assert_eq!(server.messages().expect("nothing came, not even half of it").len(), 0);
}
