//! Whatever a customer or a catalogue writes: a real mail server hears the commands of one mail to one
//! recipient, and reads the headers that this service writes. Looked at are the bytes on the wire.

use std::collections::BTreeSet;
use std::time::Duration;

use shop_events::OrderCompleted;
use shop_testkit::database::Kind;
use shop_testkit::smtp::Server;
use shop_testkit::tap::Tap;

use super::made::completed;
use super::running::Notification;

const SOON: Duration = Duration::from_secs(60);
const EVE: &str = "eve@example.org";

/// What a header, a recipient or a command could be added by, without a control character that is refused.
const DISGUISED: [&str; 14] = [
    "Alice%0d%0aBcc: eve@example.org",
    "Alice\\r\\nBcc: eve@example.org",
    "=?utf-8?q?Alice=0D=0ABcc:_eve@example.org?=",
    "=?utf-8?b?QWxpY2UNCkJjYzogZXZlQGV4YW1wbGUub3Jn?=",
    "Alice\u{2028}Bcc: eve@example.org",
    "Alice\u{2029}.\u{2029}RCPT TO:<eve@example.org>",
    "\u{560a}\u{560d}Bcc: eve@example.org",
    "Alice <eve@example.org>, \"Bob\" <alice@example.org>",
    "\"Alice\" <eve@example.org>;",
    "Alice\\\" <eve@example.org>",
    "alice@example.org, eve@example.org",
    ".",
    "..",
    "  Bcc: eve@example.org",
];

/// What ends a line, a message or a text in some program.
const BREAKING: [&str; 9] = [
    "a\r\nBcc: eve@example.org",
    "a\nBcc: eve@example.org",
    "a\rBcc: eve@example.org",
    "a\r\n.\r\nMAIL FROM:<eve@example.org>\r\nRCPT TO:<eve@example.org>\r\nDATA\r\n",
    "a\n.\nRCPT TO:<eve@example.org>\n",
    "a\r.\rRCPT TO:<eve@example.org>\r",
    ".\r\nQUIT\r\n",
    "a\0Bcc: eve@example.org",
    "a\u{85}Bcc: eve@example.org\u{b}\u{c}\u{1b}",
];

/// Orders with each text in each place that it may stand in.
fn orders() -> Vec<OrderCompleted> {
    let mut orders = Vec::new();
    let mut next = |change: &dyn Fn(&mut OrderCompleted)| {
        let mut order = completed(orders.len() as u128 + 1);
        change(&mut order);
        orders.push(order);
    };
    for text in DISGUISED {
        next(&|order| order.name = Some(text.into()));
        next(&|order| order.order_ref = Some(text.into()));
    }
    let long = "Alice Bcc: eve@example.org ".repeat(60);
    next(&|order| order.name = Some(long.trim().into()));
    next(&|order| order.order_ref = Some(long.trim().into()));
    for text in DISGUISED.iter().chain(&BREAKING) {
        // Bodies may hold anything.
        next(&|order| order.lines[0].name = Some((*text).into()));
    }
    orders
}

/// The commands that a client said, without what was inside of messages.
fn commands(said: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(said);
    let mut lines = text.split_inclusive("\r\n");
    let mut commands = Vec::new();
    while let Some(line) = lines.next() {
        assert!(!line.trim_end_matches("\r\n").contains(['\r', '\n']), "{line:?}");
        let command = line.trim_end().to_owned();
        let is_data = command == "DATA";
        commands.push(command);
        if is_data {
            // Until a dot alone.
            while lines.next().is_some_and(|line| line != ".\r\n") {}
        }
    }
    commands
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_adds_a_header_a_recipient_or_a_command() {
    let server = Server::start().await.expect("starts");
    let tap = Tap::before(server.port()).await.expect("listens");
    let url = format!("smtp://127.0.0.1:{}", tap.port());
    let notification = Notification::start(Kind::Sqlite, &["--smtp-url", &url]).await;
    let orders = orders();
    for order in &orders {
        notification.publish(order).await;
    }
    let mails = server.wait_for(orders.len(), SOON).await.expect("arrive");
    notification.settled().await;
    assert_eq!((mails.len(), notification.dead_letters()), (orders.len(), 0));

    let ours = ["MAIL FROM:<orders@orderline.example>", "RCPT TO:<alice@example.org>", "DATA"];
    let commands: Vec<_> = tap.connections().iter().flat_map(|said| commands(said)).collect();
    for command in &commands {
        let greeting = ["EHLO ", "NOOP", "QUIT"].iter().any(|word| command.starts_with(word));
        assert!(greeting || ours.contains(&command.as_str()), "{command:?}");
    }
    for one in ours {
        let said = commands.iter().filter(|command| *command == one).count();
        assert_eq!(said, orders.len(), "{one}");
    }

    let written = [
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ];
    for mail in mails {
        assert_eq!(
            (&*mail.from, &mail.to[..]),
            ("orders@orderline.example", &["alice@example.org".to_owned()][..])
        );
        let bare = mail.text().replace("\r\n", "");
        assert!(!bare.contains(['\r', '\n', '\0']), "{:?}", mail.text());
        assert!(mail.bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 999));
        let text = mail.text();
        let head = text.split("\r\n\r\n").next().expect("a head");
        let begun = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        let names: Vec<&str> = begun.map(|line| line.split(':').next().expect("a name")).collect();
        let unique: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(unique, BTreeSet::from(written), "{head}");
        assert_eq!(names.len(), written.len(), "each once: {head}");
        let to = mail.header("To").expect("has one");
        assert!(
            to.ends_with("<alice@example.org>") && to.matches('<').count() == 1
                || to.starts_with('"'),
            "{to}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_break_a_header_or_a_command_is_never_said() {
    let server = Server::start().await.expect("starts");
    let tap = Tap::before(server.port()).await.expect("listens");
    let url = format!("smtp://127.0.0.1:{}", tap.port());
    let notification = Notification::start(Kind::Sqlite, &["--smtp-url", &url]).await;
    let mut count = 0;
    for text in BREAKING {
        for place in 0..3 {
            count += 1;
            let mut order = completed(count);
            match place {
                0 => order.name = Some(text.into()),
                1 => order.order_ref = Some(text.into()),
                _ => order.email = Some(format!("alice@example.org{text}")),
            }
            notification.publish(&order).await;
        }
    }
    // Not broken, and no addresses: told as refused.
    let none = [
        "alice@example.org> NOTIFY=NEVER",
        "<alice@example.org>",
        "alice@example.org SIZE=1",
        "alice@example.org,eve@example.org",
        "\"a b\" <eve@example.org>",
    ];
    for address in none {
        count += 1;
        let mut order = completed(count);
        order.email = Some(address.into());
        notification.publish(&order).await;
    }
    notification.settled().await;
    assert_eq!(notification.dead_letters(), BREAKING.len() * 3);
    let failed = notification.told::<shop_events::NotificationFailed>();
    assert_eq!(failed.len(), none.len());
    assert!(server.messages().expect("reads").is_empty());
    assert!(!String::from_utf8_lossy(&tap.said()).contains(EVE));
}
