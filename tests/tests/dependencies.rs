//! Dependencies point one way, as ARCHITECTURE.md says; needs no broker.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::Context as _;

/// What each crate may know of its siblings, besides what its tests use.
const MAY_KNOW: [(&str, &[&str]); 13] = [
    ("pipeline", &[]),
    ("registry", &["pipeline", "shop-service"]),
    ("shop-testkit", &["pipeline"]),
    ("shop-service", &["pipeline"]),
    ("shop-events", &["pipeline"]),
    ("product", &["pipeline", "shop-events", "shop-service"]),
    ("cart", &["pipeline", "shop-events", "shop-service"]),
    ("order", &["pipeline", "shop-events", "shop-service"]),
    ("inventory", &["pipeline", "shop-events", "shop-service"]),
    ("notification", &["pipeline", "shop-events", "shop-service"]),
    ("payment", &["pipeline", "shop-events", "shop-service"]),
    ("payment-sandbox", &["pipeline", "shop-service"]),
    ("user", &["pipeline", "shop-events", "shop-service"]),
];

#[test]
fn no_crate_knows_more_of_its_siblings_than_it_may() -> anyhow::Result<()> {
    let siblings = siblings()?;
    for (name, may_know) in MAY_KNOW {
        let knows =
            siblings.get(name).with_context(|| format!("{name} is not in the workspace"))?;
        let more: Vec<_> = knows.iter().filter(|k| !may_know.contains(&k.as_str())).collect();
        assert!(more.is_empty(), "{name} depends on {more:?}, and may on {may_know:?} alone");
    }
    Ok(())
}

/// Each crate of the workspace, and the crates of the workspace that it depends on.
fn siblings() -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    anyhow::ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: serde_json::Value = serde_json::from_slice(&told.stdout)?;
    let packages = told["packages"].as_array().context("metadata has packages")?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let names: BTreeSet<String> = packages.iter().map(|p| text(&p["name"])).collect();
    let depends = |package: &serde_json::Value| {
        let all = package["dependencies"].as_array().cloned().unwrap_or_default();
        let used = all.iter().filter(|d| d["kind"].is_null()).map(|d| text(&d["name"]));
        used.filter(|name| names.contains(name)).collect()
    };
    Ok(packages.iter().map(|p| (text(&p["name"]), depends(p))).collect())
}
