//! The scripts of this checkout, which the tests share with `make`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

/// `scripts/NAME` of this checkout.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts").join(name)
}

/// Runs a script to its end, off the runtime's threads. What it says goes to the test's own output.
pub(crate) async fn run(name: &'static str) -> anyhow::Result<()> {
    let run = move || Command::new(path(name)).stdin(Stdio::null()).stdout(Stdio::null()).status();
    let status = tokio::task::spawn_blocking(run)
        .await?
        .with_context(|| format!("scripts/{name} cannot be run; is bash there?"))?;
    anyhow::ensure!(status.success(), "scripts/{name} failed ({status}); its message is above");
    Ok(())
}
