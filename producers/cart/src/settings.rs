use clap::Args;
use shop_service::auth::Rate;

/// Everything the service can be told.
#[derive(Debug, Clone, Args)]
// clap names a group after its struct, and the service's settings have that name too.
#[group(id = "cart")]
pub struct Settings {
    #[command(flatten)]
    pub service: shop_service::Settings,
    #[command(flatten)]
    pub carts: CartSettings,
}

/// What is the cart service's own.
#[derive(Debug, Clone, Args)]
pub struct CartSettings {
    /// Where customers find the order service: what the Location of a check-out begins with.
    #[arg(
        long,
        env = "ORDERLINE_ORDER_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:8101",
        value_parser = url
    )]
    pub order_url: String,
    /// How often an account may check out, COUNT/UNIT with s, m or h for the unit.
    #[arg(
        long,
        env = "ORDERLINE_CHECKOUTS_PER_ACCOUNT",
        value_name = "RATE",
        default_value = "30/m"
    )]
    pub checkouts_per_account: Rate,
    /// How often an address may check out, whoever signs in from there.
    #[arg(
        long,
        env = "ORDERLINE_CHECKOUTS_PER_ADDRESS",
        value_name = "RATE",
        default_value = "300/m"
    )]
    pub checkouts_per_address: Rate,
}

fn url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(host) if !host.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("write it as http://HOST:PORT or https://HOST".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Options {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(args: &[&str]) -> Result<CartSettings, String> {
        let args = std::iter::once(&"cart").chain(args);
        Options::try_parse_from(args).map(|o| o.settings.carts).map_err(|e| e.to_string())
    }

    #[test]
    fn the_order_service_has_a_url() {
        let carts = parse(&["--order-url", "https://shop.example/"]).expect("taken");
        assert_eq!(carts.order_url, "https://shop.example");
        for wrong in ["shop.example", "http://", "http://a b"] {
            assert!(parse(&["--order-url", wrong]).unwrap_err().contains("--order-url"));
        }
    }
}
