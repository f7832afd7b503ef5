#![doc = include_str!("../README.md")]

mod access;
mod accounts;
mod broker;
mod catalogue;
mod demo;
mod import;
mod lag;
mod load;
mod money;
mod out;
mod publish;
mod sandbox;
mod scan;
mod schemas;
mod services;
mod sheet;
mod shop;
mod table;
mod topics;
mod trace;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs, feeds and inspects the shop.
///
/// Exit codes: 0 done, 1 failed, 2 wrong options, or some lines of a file were refused.
#[derive(Parser)]
#[command(name = "orderline", version)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Up(up::Up),
    Demo(demo::Demo),
    Catalogue(catalogue::CatalogueCommand),
    Import(import::Import),
    Lag(lag::Lag),
    Load(Box<load::Load>),
    Trace(trace::Trace),
    Topics(topics::TopicsCommand),
    Access(access::AccessCommand),
    Schemas(schemas::SchemasCommand),
}

/// How a subcommand ended.
type Outcome = anyhow::Result<ExitCode>;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome: Outcome = match Options::parse().command {
        Command::Up(command) => Ok(up::run(command).await),
        Command::Demo(command) => Ok(demo::run(command).await),
        Command::Catalogue(command) => catalogue::run(command).await,
        Command::Import(command) => import::run(command).await,
        Command::Lag(command) => done(lag::run(command).await),
        Command::Load(command) => load::run(*command).await,
        Command::Trace(command) => done(trace::run(command).await),
        Command::Topics(command) => done(topics::run(command).await),
        Command::Access(command) => done(access::run(command).await),
        Command::Schemas(command) => done(schemas::run(command).await),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn done(result: anyhow::Result<()>) -> Outcome {
    result.map(|()| ExitCode::SUCCESS)
}
