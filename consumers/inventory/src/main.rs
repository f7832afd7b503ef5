use std::process::ExitCode;

use clap::Parser;
use shop_service::Settings;

/// Reserves stock for orders, all lines or none.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(flatten)]
    settings: Settings,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Options { settings } = Options::parse();
    let process = settings.process.clone();
    shop_service::main(&process, |stop| inventory::run(settings, stop)).await
}
