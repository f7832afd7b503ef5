//! `orderline access`: make the broker's rules agree with what is declared.

mod acls;
mod rule;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use shop_service::Cluster;

use crate::broker::{self, Admin};
use crate::table::Table;
use rule::Rule;

/// How long a broker may take to go by what the controllers have, and how often it is asked.
const HEARD: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(50);

/// Let the declared users do what is declared, and nothing else, or list it.
#[derive(Debug, Args)]
pub(crate) struct AccessCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make the broker's rules (ACLs) for the declared users agree with schemas/access.toml.
    ///
    /// Adds what is missing and takes away what is no longer declared for these users; rules for
    /// others are left alone. Can be run again. Needs a user that may change rules.
    Apply(On),
    /// List what is declared, and whether the broker has it.
    List(On),
}

#[derive(Debug, Args)]
struct On {
    #[command(flatten)]
    cluster: Cluster,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs one of the subcommands.
pub(crate) async fn run(command: AccessCommand) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || match command.action {
        Action::Apply(on) => apply(&on),
        Action::List(on) => list(&on),
    })
    .await?
}

/// The rules of the broker and of the table.
struct Difference {
    missing: BTreeSet<Rule>,
    surplus: BTreeSet<Rule>,
    same: BTreeSet<Rule>,
}

impl Difference {
    fn find(admin: &Admin) -> anyhow::Result<Self> {
        let users = shop_events::access();
        let declared = rule::declared(&users);
        let mut actual = BTreeSet::new();
        for user in &users {
            let rules = acls::of(admin, &user.name);
            actual.extend(rules.context("the broker's rules cannot be read: look at --kafka-user, which must be one that may see them")?);
        }
        Ok(Difference {
            missing: declared.difference(&actual).cloned().collect(),
            surplus: actual.difference(&declared).cloned().collect(),
            same: declared.intersection(&actual).cloned().collect(),
        })
    }
}

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    rule: Rule,
    /// `as declared`, `missing`, `added`, `not declared` or `taken away`.
    state: &'static str,
}

fn apply(on: &On) -> anyhow::Result<()> {
    let admin = connect(&on.cluster)?;
    let Difference { missing, surplus, same } = Difference::find(&admin)?;
    acls::add(&admin, &missing.iter().collect::<Vec<_>>()).context("the broker refuses a rule")?;
    acls::remove(&admin, &surplus.iter().collect::<Vec<_>>()).context("the broker keeps a rule")?;
    holds(&admin)?;
    let (added, removed) = (missing.len(), surplus.len());
    if on.json {
        let changes = lines(missing, "added").chain(lines(surplus, "taken away"));
        return crate::out::json(&changes.collect::<Vec<_>>());
    }
    for line in lines(missing, "added").chain(lines(surplus, "taken away")) {
        println!("{}: {}", line.state, line.rule);
    }
    println!(
        "access: {} rules as declared, {added} added, {removed} taken away",
        same.len() + added
    );
    Ok(())
}

/// The controllers have the rules first, and brokers go by them a moment later: whoever logs in right after
/// this command may do what is declared.
fn holds(admin: &Admin) -> anyhow::Result<()> {
    let end = Instant::now() + HEARD;
    loop {
        let Difference { missing, surplus, .. } = Difference::find(admin)?;
        if missing.is_empty() && surplus.is_empty() {
            return Ok(());
        }
        if Instant::now() > end {
            let (missing, surplus) = (missing.len(), surplus.len());
            bail!(
                "the broker has taken the rules and does not go by them after {HEARD:?}: {missing} are \
                 missing and {surplus} too many; does somebody else change them?"
            );
        }
        std::thread::sleep(AGAIN);
    }
}

fn list(on: &On) -> anyhow::Result<()> {
    let Difference { missing, surplus, same } = Difference::find(&connect(&on.cluster)?)?;
    let agree = missing.is_empty() && surplus.is_empty();
    let mut all: Vec<Line> = lines(same, "as declared")
        .chain(lines(missing, "missing"))
        .chain(lines(surplus, "not declared"))
        .collect();
    all.sort_by(|a, b| a.rule.cmp(&b.rule));
    if on.json {
        return crate::out::json(&all);
    }
    let mut table = Table::new(&["user", "on", "name", "operation", "state"]);
    for Line { rule, state } in &all {
        table.row([
            rule.user.clone(),
            format!("{:?}", rule.on).to_lowercase(),
            rule.name.clone(),
            format!("{:?}", rule.operation),
            (*state).to_owned(),
        ]);
    }
    crate::out::text(&table);
    if !agree {
        println!("\n`orderline access apply` makes the broker agree");
    }
    Ok(())
}

fn lines(rules: BTreeSet<Rule>, state: &'static str) -> impl Iterator<Item = Line> {
    rules.into_iter().map(move |rule| Line { rule, state })
}

/// A client whose broker answers: a refusal is told at once.
fn connect(cluster: &Cluster) -> anyhow::Result<Admin> {
    broker::map(&broker::consumer(cluster, "orderline-access")?, cluster)?;
    broker::admin(cluster)
}
