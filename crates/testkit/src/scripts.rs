//! The scripts of this checkout, which the tests share with `make`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

/// `scripts/NAME` of this checkout.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts").join(name)
}

/// Runs a script to its end, off the runtime's threads, and returns what it printed. What it says on
/// standard error goes to the test's own.
pub(crate) async fn run(name: &'static str, args: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(path(name));
    command.args(args).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await?
        .with_context(|| format!("scripts/{name} cannot be run; is bash there?"))?;
    let status = output.status;
    anyhow::ensure!(status.success(), "scripts/{name} failed ({status}); its message is above");
    Ok(String::from_utf8(output.stdout)?)
}
