use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use shop_service::Secret;

/// What a sandbox can be told.
#[derive(Debug, Clone, Args)]
#[group(id = "payment-sandbox")]
pub struct Settings {
    /// Where it is served, HOST:PORT; port 0 takes a free one. It asks nobody who he is: keep it on
    /// loopback or in a network of its own.
    #[arg(
        long,
        env = "ORDERLINE_SANDBOX_LISTEN",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8108"
    )]
    pub listen: String,
    /// The file that its books are kept in, so that they outlive the process. Default: none, they
    /// are in memory alone.
    #[arg(long, env = "ORDERLINE_SANDBOX_LEDGER", value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// Where it tells what became of payments. Default: nowhere.
    #[arg(long, env = "ORDERLINE_SANDBOX_WEBHOOK_URL", value_name = "URL", value_parser = url)]
    pub webhook_url: Option<url::Url>,
    /// What it signs that with.
    #[arg(
        long,
        env = "ORDERLINE_SANDBOX_WEBHOOK_SECRET",
        value_name = "SECRET",
        default_value = "whsec_sandbox",
        hide_env_values = true
    )]
    pub webhook_secret: Secret,
    /// The share of requests, 0 to 1, whose answer is lost: of some before anything was done, of
    /// the others after.
    #[arg(
        long,
        env = "ORDERLINE_SANDBOX_LOSE_ANSWERS",
        value_name = "SHARE",
        default_value_t = 0.0,
        value_parser = share
    )]
    pub lose_answers: f64,
    /// What its randomness follows from. Default: the system's own.
    #[arg(long, env = "ORDERLINE_SANDBOX_SEED", value_name = "N")]
    pub seed: Option<u64>,
    /// Milliseconds, 0 to 600000, that slow methods take, and payments that are processed.
    #[arg(
        long,
        env = "ORDERLINE_SANDBOX_SLOW_MS",
        value_name = "MS",
        default_value_t = 2_000,
        value_parser = clap::value_parser!(u64).range(..=600_000)
    )]
    pub slow_ms: u64,
    /// Each method pays once and is refused from then on, as a card that a customer has not saved is
    /// by Stripe.
    #[arg(long, env = "ORDERLINE_SANDBOX_SINGLE_USE")]
    pub single_use: bool,
}

impl Settings {
    /// As without any option, at this place.
    pub fn at(listen: &str) -> Self {
        Settings {
            listen: listen.to_owned(),
            ledger: None,
            webhook_url: None,
            webhook_secret: Secret::from("whsec_sandbox"),
            lose_answers: 0.0,
            seed: None,
            slow_ms: 2_000,
            single_use: false,
        }
    }

    pub(crate) fn slow(&self) -> Duration {
        Duration::from_millis(self.slow_ms)
    }
}

fn url(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    url.ok_or_else(|| "write it as http://HOST:PORT/PATH".into())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write it as a number from 0 to 1, as in 0.05".into())
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

    fn parse(args: &[&str]) -> Result<Settings, String> {
        let args = std::iter::once(&"sandbox").chain(args);
        Options::try_parse_from(args).map(|o| o.settings).map_err(|e| e.to_string())
    }

    #[test]
    fn without_options_it_is_as_it_is_made_in_a_program() {
        let (parsed, made) = (parse(&[]).unwrap(), Settings::at("127.0.0.1:8108"));
        assert_eq!(format!("{parsed:?}"), format!("{made:?}"));
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_option() {
        for (option, was) in
            [("--lose-answers", "1.5"), ("--webhook-url", "127.0.0.1:1"), ("--slow-ms", "-1")]
        {
            let error = parse(&[&format!("{option}={was}")]).unwrap_err();
            assert!(error.contains(option) && error.contains(was), "{error}");
        }
    }
}
