//! TLS with a real PostgreSQL, and its password: what the log and `/ready` say of each mistake.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use clap::Parser;
use pipeline::Database;
use shop_testkit::certificates::{Certificates, Which};
use shop_testkit::postgres::{self, Server};
use shop_testkit::wait as until;
use sqlx::Row;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{refused, wait};
use crate::health::{self, Health};
use crate::settings::Storage;

const SOON: Duration = Duration::from_secs(60);

#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    storage: Storage,
}

/// Starts with these options: connected, or what `/ready` says meanwhile.
async fn start(args: &[impl AsRef<str>]) -> Result<Database, String> {
    let args = args.iter().map(AsRef::as_ref);
    let options = Options::try_parse_from(std::iter::once("test").chain(args));
    let url = options.map_err(|error| error.to_string())?.storage.url("test");
    let (health, stop) = (Health::new("test", "0"), CancellationToken::new());
    tokio::select! {
        ended = wait::database("test", &url, &[], &health, &stop) => {
            ended.map_err(|error| format!("ended: {error:#}"))
        }
        told = until::some(SOON, async || waits_for(&health).await) => Err(told.expect("says why")),
    }
}

/// What the boot waits for, by `/ready`.
async fn waits_for(health: &Arc<Health>) -> Option<String> {
    let request = Request::get("/ready").body(Body::empty()).expect("a request");
    let answer = health::router(health.clone()).oneshot(request).await.expect("answers");
    let body = axum::body::to_bytes(answer.into_body(), 64 * 1024).await.expect("a body");
    let said = String::from_utf8_lossy(&body).into_owned();
    said.contains("waits for").then_some(said)
}

/// It waits, names each of these, and tells no password.
async fn is_told(args: &[impl AsRef<str>], names: &[&str]) {
    let told = start(args).await.err().expect("not let in");
    assert!(told.contains("waits for the database"), "{names:?}: {told}");
    assert!(names.iter().all(|name| told.contains(name)), "{names:?}: {told}");
    assert!(!told.contains("hunter2"), "{told}");
}

fn url(port: u16, query: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres?{query}")
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, text).expect("writes");
    file.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_reached_by_tls_and_a_password_and_a_mistake_names_its_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificates = Certificates::make().await.expect("certificates");
    let (ca, other_ca) = (certificates.ca(), certificates.other_ca());
    let good = certificates.get(Which::Good);
    let mut server = Server::start_secured(&good).await.expect("starts");
    let port = server.port();
    let verified = |ca: &str| url(port, &format!("sslmode=verify-full&sslrootcert={ca}"));
    let (right, wrong) = (
        file(folder.path(), "right", Server::PASSWORD),
        file(folder.path(), "wrong", "hunter2, or another"),
    );
    let with =
        |url: &str| ["--database", url, "--database-password-file", &right].map(str::to_owned);

    let database = start(&with(&verified(&ca))).await.expect("is let in");
    let encrypted =
        sqlx::query("SELECT CAST(ssl AS INT) FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    let encrypted = encrypted.fetch_one(database.reader()).await.expect("answers");
    assert_eq!(encrypted.get::<i32, _>(0), 1);

    let refused = ["--database", &verified(&ca), "--database-password-file", &wrong];
    is_told(&refused, &["refuses the login", "--database-password-file"]).await;
    let by_url = verified(&ca).replace("postgres@", "postgres:hunter2@");
    is_told(&["--database", &by_url], &["refuses the login", "--database"]).await;
    is_told(&with(&verified(&other_ca)), &["not signed by", "sslrootcert of --database"]).await;
    is_told(&with(&url(port, "sslmode=verify-full")), &["not signed by", "sslrootcert"]).await;
    is_told(&with(&url(port, "sslmode=disable")), &["sslmode in --database", "no encryption"])
        .await;

    server.show(&certificates.get(Which::Elsewhere)).await.expect("restarts");
    is_told(&with(&verified(&ca)), &["another host than --database names"]).await;
    let any_host = url(port, &format!("sslmode=verify-ca&sslrootcert={ca}"));
    start(&with(&any_host)).await.expect("verify-ca does not look at the host");

    server.show(&certificates.get(Which::Expired)).await.expect("restarts");
    is_told(&with(&verified(&ca)), &["expired", "sslrootcert of --database"]).await;
    // One that has run for long is told the same.
    let later = async || match database.ping().await {
        Ok(()) => None,
        Err(error) => refused::explain(&error),
    };
    let told = until::some(SOON, later).await.expect("says why");
    assert!(told.contains("expired") && told.contains("sslrootcert"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_asked_of_a_postgres_without_it_names_its_setting() {
    let certificates = Certificates::make().await.expect("certificates");
    let plain = postgres::shared().await.expect("is there").database().await.expect("is made");
    start(&["--database", &plain]).await.expect("is let in");
    for mode in ["require", "verify-full"] {
        let root = certificates.ca();
        let root = if mode == "require" { String::new() } else { format!("&sslrootcert={root}") };
        let asking = format!("{plain}?sslmode={mode}{root}");
        is_told(&["--database", &asking], &["does not speak TLS", "sslmode in --database"]).await;
    }
}
