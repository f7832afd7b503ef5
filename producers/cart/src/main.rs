use std::process::ExitCode;

use cart::Settings;
use clap::Parser;

/// The cart service: what customers want, until they check out.
#[derive(Parser)]
#[command(name = "cart", version)]
struct Options {
    #[command(flatten)]
    settings: Settings,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Options { settings } = Options::parse();
    let process = settings.service.process.clone();
    shop_service::main(&process, |stop| cart::run(settings, stop)).await
}
