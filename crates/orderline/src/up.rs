//! `orderline up`: every service in one process, until it is told to stop.

use std::process::ExitCode;

use clap::Args;
use shop_service::Process;
use tokio_util::sync::CancellationToken;

use crate::sandbox;
use crate::services::SERVICES;
use crate::shop::{self, Shop, ShopSettings};

/// Run all services in one process, until SIGTERM or Ctrl-C.
///
/// Needs a broker with the declared topics (`orderline topics apply`) and a schema registry. Each
/// service keeps its own database file in the data folder, or its own schema in the PostgreSQL that
/// `--database` names. Exit codes: 0 stopped as told, 1 failed, 2 wrong options, 3 ended by force.
#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    shop: ShopSettings,
    #[command(flatten)]
    process: Process,
    /// The host that the services listen on: order at port 8101, inventory 8102, notification 8103,
    /// user 8104, product 8105, cart 8106, payment 8107.
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
}

pub(crate) async fn run(up: Up) -> ExitCode {
    let process = up.process.clone();
    let serve = |stop: CancellationToken| async move {
        let addresses = shop::default_addresses(&up.host);
        let mut shop = Shop::start(&up.shop, &up.process, addresses.clone(), &stop)?;
        tokio::select! {
            ready = shop.ready() => match ready {
                Ok(()) => {}
                Err(_) if stop.is_cancelled() => return shop.stop().await,
                Err(error) => {
                    let _ = shop.stop().await;
                    return Err(error);
                }
            },
            () = stop.cancelled() => return shop.run().await,
        }
        for service in SERVICES {
            let (name, address) = (service.name, &addresses[service.name]);
            println!("{name:<12}  http://{address}  {}", up.shop.tables_of(name));
        }
        if let Some(address) = shop.addresses().get(sandbox::NAME) {
            println!("{:<12}  http://{address}  no money moves", sandbox::NAME);
        }
        println!("\nall services are ready; Ctrl-C stops them");
        shop.run().await
    };
    shop_service::main(&process, serve).await
}
