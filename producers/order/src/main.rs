use std::process::ExitCode;

use clap::Parser;

/// The order service: takes orders over HTTP and from the topic `carts`, and keeps their story on
/// the topic `orders`.
#[derive(Parser)]
#[command(name = "order", version)]
struct Options {
    #[command(flatten)]
    settings: order::Settings,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Options { settings } = Options::parse();
    shop_service::main(&settings.service.process, |stop| order::run(&settings, stop)).await
}
