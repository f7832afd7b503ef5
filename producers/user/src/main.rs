use std::process::ExitCode;

use clap::Parser;
use user::Settings;

/// The user service: registers people, signs them in, and issues the tokens by which the other
/// services know them.
#[derive(Parser)]
#[command(name = "user", version)]
struct Options {
    #[command(flatten)]
    settings: Settings,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Options { settings } = Options::parse();
    let process = settings.service.process.clone();
    shop_service::main(&process, |stop| user::run(settings, stop)).await
}
