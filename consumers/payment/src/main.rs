use std::process::ExitCode;

use clap::Parser;
use payment::Settings;

/// The payment service: charges reserved orders, and gives back what was charged for cancelled ones.
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
    shop_service::main(&process, |stop| payment::run(settings, stop)).await
}
