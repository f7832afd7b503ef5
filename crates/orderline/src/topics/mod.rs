//! `orderline topics`: make the broker agree with what is declared.

mod apply;
mod config;
mod list;

use clap::{Args, Subcommand};

pub(crate) use apply::apply;

/// Create the declared topics, or list them.
#[derive(Debug, Args)]
pub(crate) struct TopicsCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Apply(apply::Apply),
    List(list::List),
}

/// Runs one of the subcommands.
pub(crate) async fn run(command: TopicsCommand) -> anyhow::Result<()> {
    match command.action {
        Action::Apply(apply) => apply::run(&apply).await,
        Action::List(list) => list::run(&list).await,
    }
}
