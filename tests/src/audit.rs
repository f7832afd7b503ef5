//! The audit, and the other programs in `audit/`: Python, with Confluent's client.

use std::path::Path;
use std::process::Stdio;

use anyhow::Context;
use serde_json::Value;

use crate::customers::Accepted;
use crate::members::Members;
use crate::shop::Shop;

/// What the audit counted, when it found nothing.
#[derive(Debug)]
pub struct Books(Value);

impl Books {
    /// A number by its path: `["by channel", "web", "orders"]`; 0 where there is none.
    pub fn number(&self, path: &[&str]) -> i64 {
        let value = path.iter().fold(&self.0, |value, name| &value[*name]);
        value.as_i64().unwrap_or_default()
    }
}

impl Shop {
    /// Reads every record of every topic and checks them against each other, against the mails and
    /// against what HTTP accepted. An error lists the findings.
    pub async fn audit(&self, accepted: &[Accepted], dead_letters: usize) -> anyhow::Result<Books> {
        self.audited(accepted, dead_letters, Vec::new()).await
    }

    /// The same, also against what the members' devices got and what the user service shows them.
    pub async fn audit_with_members(
        &self,
        accepted: &[Accepted],
        dead_letters: usize,
        members: &Members,
    ) -> anyhow::Result<Books> {
        let histories = self.folder().join("histories.json");
        std::fs::write(&histories, members.histories().await?.to_string())?;
        let args = [("--push-dir", members.push.folder()), ("--histories", histories.as_path())];
        let args =
            args.into_iter().flat_map(|(name, path)| [name.into(), path.display().to_string()]);
        self.audited(accepted, dead_letters, args.collect()).await
    }

    async fn audited(
        &self,
        accepted: &[Accepted],
        dead_letters: usize,
        more: Vec<String>,
    ) -> anyhow::Result<Books> {
        let ids: Vec<String> = accepted.iter().map(|order| order.order_id.to_string()).collect();
        let file = self.folder().join("accepted");
        std::fs::write(&file, ids.join("\n"))?;
        let mut args = self.for_python("viewer")?;
        args.extend(more);
        args.extend(["--accepted".into(), file.display().to_string()]);
        args.extend(["--smtp-dir".into(), self.mail.folder().display().to_string()]);
        let books = format!("http://{}/sandbox/ledger", self.sandbox.address);
        args.extend(["--payment-ledger".into(), books]);
        args.extend(["--dead-letters".into(), dead_letters.to_string(), "--json".into()]);
        let (clean, text) = output("audit.py", &args).await?;
        let report: Value =
            serde_json::from_str(&text).with_context(|| format!("no report: {text}"))?;
        let checks = report["checks"].as_object().context("checks")?;
        let found: Vec<String> = checks
            .iter()
            .filter(|(_, check)| check["findings"] != 0)
            .map(|(name, check)| format!("{name}: {check:#}"))
            .collect();
        anyhow::ensure!(clean && found.is_empty(), "the audit found:\n{}", found.join("\n"));
        for name in checks.keys() {
            eprintln!("audit: ok, {name}");
        }
        eprintln!("audit: {} checks, no findings; {}", checks.len(), report["counts"]);
        Ok(Books(report["counts"].clone()))
    }
}

/// Runs one of the programs, which must succeed, and returns what it printed.
pub async fn python(program: &str, args: &[String]) -> anyhow::Result<String> {
    let (success, text) = output(program, args).await?;
    anyhow::ensure!(success, "{program} failed: {text}");
    Ok(text)
}

async fn output(program: &str, args: &[String]) -> anyhow::Result<(bool, String)> {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("audit/run.sh");
    let output = tokio::process::Command::new(run)
        .arg(program)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .context("audit/run.sh cannot be run; is bash there?")?;
    Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
}
