use std::process::ExitCode;

use clap::Parser;
use notification::Settings;

/// Tells customers what became of their orders.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(flatten)]
    settings: Settings,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Options { settings } = Options::parse();
    let process = settings.service.process.clone();
    shop_service::main(&process, |stop| notification::run(settings, stop)).await
}
