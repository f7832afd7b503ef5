//! `orderline catalogue`: tell the shop what there is to sell.

mod file;
mod load;
mod plan;
mod state;

use clap::{Args, Subcommand};

use crate::Outcome;
pub(crate) use file::{COLUMNS, Product, parse};
pub(crate) use load::publish;
pub(crate) use state::known;

/// Publish products and stock.
#[derive(Debug, Args)]
pub(crate) struct CatalogueCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Load(load::Load),
}

/// Runs one of the subcommands.
pub(crate) async fn run(command: CatalogueCommand) -> Outcome {
    match command.action {
        Action::Load(load) => load::run(&load).await,
    }
}
