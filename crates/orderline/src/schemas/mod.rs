//! `orderline schemas`: keep the records readable by everyone, for ever.

mod check;
mod compat;
mod files;
mod meaning;
mod register;
mod release;

use clap::{Args, Subcommand};

/// Check, publish and release the schemas of the records.
#[derive(Debug, Args)]
pub(crate) struct SchemasCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Check(check::Check),
    Register(register::Register),
    Release(release::Release),
}

/// Runs one of the subcommands.
pub(crate) async fn run(command: SchemasCommand) -> anyhow::Result<()> {
    match command.action {
        Action::Check(check) => check::run(&check),
        Action::Register(register) => register::run(&register).await,
        Action::Release(release) => release::run(&release),
    }
}
