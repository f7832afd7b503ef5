use std::process::ExitCode;

use clap::Parser;

/// The product service: the catalogue, which anyone may look through and staff change.
#[derive(Parser)]
#[command(name = "product", version)]
struct Options {
    #[command(flatten)]
    settings: shop_service::Settings,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Options { settings } = Options::parse();
    shop_service::main(&settings.process, |stop| product::run(&settings, stop)).await
}
