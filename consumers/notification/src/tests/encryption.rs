//! TLS and a login with a real mail server, and what is said of each mistake.

use std::time::Duration;

use shop_events::NotificationSent;
use shop_testkit::certificates::{Certificates, Which};
use shop_testkit::database::Kind;
use shop_testkit::smtp::{Server, Terms, Tls};
use shop_testkit::tap::Tap;

use super::made::completed;
use super::running::Notification;

const SOON: Duration = Duration::from_secs(60);
const LOGIN: (&str, &str) = ("shop@example", "hunter2:/");
/// As a URL has it.
const WRITTEN: &str = "shop%40example:hunter2%3A%2F";

/// How the URL asks for TLS that begins so.
fn url(tls: Tls, login: &str, port: u16) -> String {
    match tls {
        Tls::StartTls => format!("smtp://{login}localhost:{port}?tls=required"),
        Tls::Wrapped => format!("smtps://{login}localhost:{port}"),
    }
}

async fn server(tls: Tls, certificates: &Certificates, which: Which) -> Server {
    let terms = Terms { tls: Some((tls, certificates.get(which))), login: Some(LOGIN) };
    Server::start_on(&terms).await.expect("starts")
}

/// Wants to send a mail, and says why it does not.
async fn refused(options: &[&str]) -> String {
    let notification = Notification::start(Kind::Sqlite, options).await;
    notification.publish(&completed(1)).await;
    let told = notification.stopped().await;
    assert_eq!(notification.dead_letters(), 0);
    told
}

/// Nothing is sent and each of these is named, without the password.
async fn is_told(options: &[&str], names: &[&str]) {
    let told = refused(options).await;
    assert!(names.iter().all(|name| told.contains(name)), "{names:?}: {told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_go_by_tls_and_a_login_and_nothing_is_said_in_the_clear() {
    let certificates = Certificates::make().await.expect("certificates");
    for tls in [Tls::StartTls, Tls::Wrapped] {
        let server = server(tls, &certificates, Which::Good).await;
        let tap = Tap::before(server.port()).await.expect("listens");
        let url = url(tls, &format!("{WRITTEN}@"), tap.port());
        let options = ["--smtp-url", &url, "--smtp-ca", &certificates.ca()];
        let notification = Notification::start(Kind::Sqlite, &options).await;
        for order in 1..=20 {
            notification.publish(&completed(order)).await;
        }
        let mails = server.wait_for(20, SOON).await.expect("arrive");
        assert!(mails.iter().all(|mail| mail.tls && mail.user.as_deref() == Some(LOGIN.0)));
        notification.settled().await;
        assert_eq!(notification.told::<NotificationSent>().len(), 20);
        assert!(only_greetings(&tap.said(), tls), "{:?}", clear(&tap.said()));
    }
}

/// The lines that are text, each of which is in a `…`.
fn clear(said: &[u8]) -> Vec<String> {
    let lines = said.split(|byte| *byte == b'\n').filter(|line| line.is_ascii());
    lines.map(|line| String::from_utf8_lossy(line).trim().to_owned()).collect()
}

/// Whether no more than the greeting was readable.
fn only_greetings(said: &[u8], tls: Tls) -> bool {
    let has = |what: &str| {
        said.windows(what.len()).any(|part| part.eq_ignore_ascii_case(what.as_bytes()))
    };
    let clear = ["MAIL FROM", "RCPT TO", "AUTH", "alice", "hunter2", "Subject"];
    has("EHLO") == (tls == Tls::StartTls) && !clear.iter().any(|word| has(word))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_to_a_server_that_offers_no_tls_where_it_is_required() {
    let certificates = Certificates::make().await.expect("certificates");
    let plain = Server::start().await.expect("starts");
    let tap = Tap::before(plain.port()).await.expect("listens");
    let asking = url(Tls::StartTls, &format!("{WRITTEN}@"), tap.port());
    is_told(&["--smtp-url", &asking], &["offers no STARTTLS", "--smtp-url"]).await;
    assert!(only_greetings(&tap.said(), Tls::StartTls), "{:?}", clear(&tap.said()));

    // An address that a server must know letters for is not refused for good by this.
    let mut order = completed(1);
    order.email = Some("älice@example.org".into());
    let notification = Notification::start(Kind::Sqlite, &["--smtp-url", &asking]).await;
    notification.publish(&order).await;
    assert!(notification.stopped().await.contains("STARTTLS"));

    let wrapped = url(Tls::Wrapped, "", tap.port());
    let options = ["--smtp-url", &wrapped, "--smtp-ca", &certificates.ca()];
    is_told(&options, &["does not speak TLS", "--smtp-url"]).await;
    assert!(plain.messages().expect("reads").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_or_a_login_that_is_refused_names_its_setting() {
    let certificates = Certificates::make().await.expect("certificates");
    let (ca, other_ca) = (certificates.ca(), certificates.other_ca());
    let login = format!("{WRITTEN}@");
    for tls in [Tls::StartTls, Tls::Wrapped] {
        let good = server(tls, &certificates, Which::Good).await;
        let right = url(tls, &login, good.port());
        let unknown = ["not signed by", "--smtp-ca"];
        is_told(&["--smtp-url", &right, "--smtp-ca", &other_ca], &unknown).await;
        is_told(&["--smtp-url", &right], &unknown).await;
        let wrong = url(tls, "shop%40example:hunter2-or-not@", good.port());
        let password = ["--smtp-url", "the password"];
        is_told(&["--smtp-url", &wrong, "--smtp-ca", &ca], &password).await;
        let nobody = url(tls, "", good.port());
        is_told(&["--smtp-url", &nobody, "--smtp-ca", &ca], &["a login", "--smtp-url"]).await;
        let plain = format!("smtp://127.0.0.1:{}", good.port());
        // Where TLS begins with the first byte, both wait for the other's first word.
        is_told(&["--smtp-url", &plain, "--smtp-seconds", "5"], &["TLS", "--smtp-url"]).await;
        for (which, names) in [
            (Which::Expired, ["expired", "--smtp-ca"]),
            (Which::Elsewhere, ["another host", "--smtp-url names"]),
        ] {
            let bad = server(tls, &certificates, which).await;
            let url = url(tls, &login, bad.port());
            is_told(&["--smtp-url", &url, "--smtp-ca", &ca], &names).await;
            assert!(bad.messages().expect("reads").is_empty());
        }
        assert!(good.messages().expect("reads").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_that_is_offered_is_taken_and_mails_go_without_where_it_is_not() {
    let certificates = Certificates::make().await.expect("certificates");
    let offering = server(Tls::StartTls, &certificates, Which::Good).await;
    let plain = Server::start().await.expect("starts");
    for (server, login, tls) in
        [(&offering, format!("{WRITTEN}@"), true), (&plain, String::new(), false)]
    {
        let url = format!("smtp://{login}localhost:{}?tls=opportunistic", server.port());
        let options = ["--smtp-url", &url, "--smtp-ca", &certificates.ca()];
        let notification = Notification::start(Kind::Sqlite, &options).await;
        notification.publish(&completed(1)).await;
        let mails = server.wait_for(1, SOON).await.expect("arrives");
        assert_eq!(mails[0].tls, tls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_not_waited_for_without_end() {
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let port = mute.local_addr().expect("has one").port();
    let url = format!("smtp://127.0.0.1:{port}");
    is_told(&["--smtp-url", &url, "--smtp-seconds", "2"], &["no answer within 2s"]).await;
}
