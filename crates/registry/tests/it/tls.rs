//! The registry behind TLS and a login, as a program of the shop reaches it by its options.

use clap::Parser;
use pipeline::{Event, Schemas};
use serde::{Deserialize, Serialize};
use shop_service::SchemaRegistry;
use shop_testkit::certificates::{Certificates, Which};
use shop_testkit::tls_front::Front;

use crate::support::Registry;

#[derive(Debug, Parser)]
struct Options {
    #[command(flatten)]
    registry: SchemaRegistry,
}

#[derive(Serialize, Deserialize)]
struct Thing {
    id: i64,
}

impl Event for Thing {
    const TYPE: &'static str = "shop.Thing";
    const TOPIC: &'static str = "things";
    const SCHEMA: &'static str = r#"{"type":"record","name":"Thing","namespace":"shop","fields":[{"name":"id","type":"long"}]}"#;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// Asks whether it is there, registers a schema, and reads it as another program does.
async fn ask(args: &[impl AsRef<str>]) -> Result<String, String> {
    let args = args.iter().map(AsRef::as_ref);
    let options = Options::try_parse_from(std::iter::once("test").chain(args));
    let settings = options.map_err(|error| error.to_string())?.registry.settings();
    let schemas = || Schemas::connect(&settings).map_err(|error| error.to_string());
    let ours = schemas()?;
    ours.ping().await?;
    let id = ours.register::<Thing>().await.map_err(|error| error.to_string())?;
    let written = schemas()?.writer(id).await.map_err(|error| error.to_string())?;
    Ok(written.name.clone())
}

/// It is refused, names each of these, and tells no password.
async fn is_told(args: &[impl AsRef<str>], names: &[&str]) {
    let told = ask(args).await.expect_err("refused");
    assert!(names.iter().all(|name| told.contains(name)), "{names:?}: {told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn a_registry_is_reached_by_tls_and_a_login_and_a_mistake_names_its_setting() {
    let registry = Registry::fresh().await;
    let plain = registry.url.trim_start_matches("http://").to_owned();
    let certificates = Certificates::make().await.expect("certificates");
    let (ca, other_ca) = (certificates.ca(), certificates.other_ca());
    let front = async |which, logins: &[&str]| {
        let certificate = certificates.get(which);
        Front::before(&plain, &certificate, logins).await.expect("starts")
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2\n").expect("writes");
    let file = file.display().to_string();
    let by = |host: &str, front: &Front| format!("https://{host}:{}", front.port());
    let with = |url: &str, ca: &str| {
        ["--schema-registry", url, "--schema-registry-ca", ca].map(str::to_owned)
    };
    let login = |user| {
        ["--schema-registry-user", user, "--schema-registry-password-file", &file]
            .map(str::to_owned)
    };

    let good = front(Which::Good, &["order:hunter2", "nobody:hunter2"]).await;
    for host in ["127.0.0.1", "localhost"] {
        let asked = ask(&[with(&by(host, &good), &ca), login("order")].concat()).await;
        assert_eq!(asked.as_deref(), Ok("shop.Thing"), "{host}");
    }
    let url = by("127.0.0.1", &good);
    let refused = ["401", "--schema-registry-user", "--schema-registry-password-file"];
    is_told(&with(&url, &ca), &refused).await;
    is_told(&[with(&url, &ca), login("inventory")].concat(), &refused).await;
    let forbidden = ["403", "lacks the right", "--schema-registry-user"];
    is_told(&[with(&url, &ca), login("nobody")].concat(), &forbidden).await;

    let unknown = ["not signed by", "--schema-registry-ca"];
    is_told(&with(&url, &other_ca), &unknown).await;
    is_told(&["--schema-registry", &url], &unknown).await;
    let spoken_plainly = url.replace("https://", "http://");
    is_told(&["--schema-registry", &spoken_plainly], &["https://", "--schema-registry"]).await;
    let without_tls = with(&format!("https://{plain}"), &ca);
    is_told(&without_tls, &["does not speak TLS", "--schema-registry"]).await;

    for (which, names) in [
        (Which::Expired, &["expired", "--schema-registry-ca"][..]),
        (Which::Elsewhere, &["another host", "--schema-registry names"]),
    ] {
        let front = front(which, &[]).await;
        is_told(&with(&by("127.0.0.1", &front), &ca), names).await;
    }
}
