use std::time::Duration;

use clap::Args;
use shop_service::Seconds;
use shop_service::auth::Rate;

/// Everything the service can be told.
#[derive(Debug, Clone, Args)]
// clap names a group after its struct, and the boot crate's settings have that name too.
#[group(id = "order")]
pub struct Settings {
    #[command(flatten)]
    pub service: shop_service::Settings,
    #[command(flatten)]
    pub limits: Limits,
    #[command(flatten)]
    pub lifetime: Lifetime,
}

/// How many orders may be placed over HTTP; one more is answered with 429. So many may come at once,
/// and they come back evenly. Each instance of the service counts for itself.
#[derive(Debug, Clone, Args)]
#[group(id = "order limits")]
pub struct Limits {
    /// Orders that one account may place, COUNT/UNIT with s, m or h for the unit.
    #[arg(
        long,
        env = "ORDERLINE_ORDERS_PER_ACCOUNT",
        value_name = "COUNT/UNIT",
        default_value = "60/m"
    )]
    pub orders_per_account: Rate,
    /// Orders that may come from one address, COUNT/UNIT; behind a proxy see --trusted-proxies.
    #[arg(
        long,
        env = "ORDERLINE_ORDERS_PER_ADDRESS",
        value_name = "COUNT/UNIT",
        default_value = "600/m"
    )]
    pub orders_per_address: Rate,
}

/// How long an order may take.
#[derive(Debug, Clone, Args)]
#[group(id = "order lifetime")]
pub struct Lifetime {
    /// Seconds, 1 to 2592000, after which an order that is not completed is cancelled as expired. The
    /// payment service should charge for no longer: its --charge-within-seconds.
    #[arg(
        long,
        env = "ORDERLINE_ORDER_EXPIRES_SECONDS",
        value_name = "SECONDS",
        default_value = "900"
    )]
    pub order_expires_seconds: Seconds<2_592_000>,
}

impl Lifetime {
    pub(crate) fn duration(&self) -> Duration {
        self.order_expires_seconds.duration()
    }
}
