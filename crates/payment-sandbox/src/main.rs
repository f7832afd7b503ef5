use std::process::ExitCode;

use clap::Parser;
use payment_sandbox::Settings;
use shop_service::Process;

/// A payment provider for demo and tests: it speaks the part of Stripe's API that the shop uses, and
/// moves no money.
#[derive(Parser)]
#[command(name = "payment-sandbox", version)]
struct Options {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    process: Process,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Options { settings, process } = Options::parse();
    shop_service::main(&process, |stop| payment_sandbox::run(settings, stop)).await
}
