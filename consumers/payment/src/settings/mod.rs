mod address;

use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, FromArgMatches};
use shop_service::{Seconds, Secret, SecretNames, secret};
use url::Url;

use address::{SANDBOX, STRIPE};

/// Everything the service can be told.
#[derive(Debug, Clone, Args)]
// clap names a group after its struct, and the service's settings have that name too.
#[group(id = "payment")]
pub struct Settings {
    #[command(flatten)]
    pub service: shop_service::Settings,
    #[command(flatten)]
    pub provider: ProviderSettings,
}

/// Who handles the money.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Where the provider is, if that was said.
    url: Option<Url>,
    key: Option<Secret>,
    webhook_secret: Option<Secret>,
    options: Options,
}

#[derive(Debug, Clone, Args)]
#[group(skip)]
struct Options {
    /// Where Stripe's API is, or what stands in for it. Default: https://api.stripe.com with a key,
    /// without one the sandbox.
    #[arg(long, env = "ORDERLINE_STRIPE_URL", value_name = "URL", value_parser = url)]
    stripe_url: Option<Url>,
    /// Where the payment sandbox is, to which payments go without a key; with one this counts for
    /// nothing. Default: http://127.0.0.1:8108, on this machine.
    #[arg(long, env = "ORDERLINE_SANDBOX_URL", value_name = "URL", value_parser = url)]
    sandbox_url: Option<Url>,
    /// The file that holds the secret API key, which may also be in ORDERLINE_STRIPE_KEY. Without one
    /// nothing is charged for real: payments go to the sandbox.
    #[arg(long, env = "ORDERLINE_STRIPE_KEY_FILE", value_name = "FILE")]
    stripe_key_file: Option<PathBuf>,
    /// The environment alone may give it.
    #[arg(long, env = "ORDERLINE_STRIPE_KEY", hide = true, hide_env_values = true)]
    stripe_key: Option<Secret>,
    /// The file that holds the secret of the webhook endpoint, /webhooks/stripe, which may also be in
    /// ORDERLINE_STRIPE_WEBHOOK_SECRET. Without one no webhook is taken; the sandbox's is known.
    #[arg(long, env = "ORDERLINE_STRIPE_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    stripe_webhook_secret_file: Option<PathBuf>,
    /// The environment alone may give it.
    #[arg(long, env = "ORDERLINE_STRIPE_WEBHOOK_SECRET", hide = true, hide_env_values = true)]
    stripe_webhook_secret: Option<Secret>,
    /// Seconds, 1 to 120, that the provider may take for an answer.
    #[arg(long, env = "ORDERLINE_STRIPE_SECONDS", value_name = "SECONDS", default_value = "30")]
    stripe_seconds: Seconds<120>,
    /// The payment method that is charged where an order names none, such as pm_card_visa with keys
    /// for tests. Default: with a key none, and such an order is declined; in the sandbox
    /// pm_card_visa.
    #[arg(long, env = "ORDERLINE_PAYMENT_METHOD", value_name = "METHOD", value_parser = method)]
    payment_method: Option<String>,
    /// Seconds, 1 to 2592000, after which an order that was reserved is not charged any more, but
    /// declined: not less than the order service lets an order live.
    #[arg(
        long,
        env = "ORDERLINE_CHARGE_WITHIN_SECONDS",
        value_name = "SECONDS",
        default_value = "900"
    )]
    charge_within_seconds: Seconds<2_592_000>,
    /// Seconds, 1 to 3600, after which a payment that is not settled is looked at again.
    #[arg(
        long,
        env = "ORDERLINE_PAYMENT_LOOK_SECONDS",
        value_name = "SECONDS",
        default_value = "60"
    )]
    payment_look_seconds: Seconds<3_600>,
}

const KEY: SecretNames =
    SecretNames { what: "key", file: "--stripe-key-file", env: "ORDERLINE_STRIPE_KEY" };
const WEBHOOK: SecretNames = SecretNames {
    what: "secret",
    file: "--stripe-webhook-secret-file",
    env: "ORDERLINE_STRIPE_WEBHOOK_SECRET",
};

/// What the sandbox takes for a key, and signs its webhooks with.
const SANDBOX_KEY: &str = "sk_test_sandbox";
const SANDBOX_WEBHOOK: &str = "whsec_sandbox";
const SANDBOX_METHOD: &str = "pm_card_visa";

impl ProviderSettings {
    /// The sandbox at this address, http://HOST:PORT, instead of a provider.
    pub fn in_sandbox(mut self, address: Url) -> Self {
        (self.url, self.key) = (Some(address), None);
        self
    }

    /// Whether no money moves.
    pub fn is_sandbox(&self) -> bool {
        self.key.is_none()
    }

    /// Where the provider is, if that was said.
    pub fn named_url(&self) -> Option<&Url> {
        self.url.as_ref()
    }

    /// By where it is, and not by what was meant.
    pub(crate) fn name(&self) -> &'static str {
        if address::is_stripe(&self.url()) { "stripe" } else { "sandbox" }
    }

    pub(crate) fn url(&self) -> Url {
        let default = if self.is_sandbox() { SANDBOX } else { STRIPE };
        self.url.clone().unwrap_or_else(|| default.parse().expect("both are read by a test"))
    }

    pub(crate) fn key(&self) -> Secret {
        self.key.clone().unwrap_or_else(|| Secret::from(SANDBOX_KEY))
    }

    pub(crate) fn webhook_secret(&self) -> Option<Secret> {
        let sandbox = || self.is_sandbox().then(|| Secret::from(SANDBOX_WEBHOOK));
        self.webhook_secret.clone().or_else(sandbox)
    }

    pub(crate) fn patience(&self) -> Duration {
        self.options.stripe_seconds.duration()
    }

    pub(crate) fn default_method(&self) -> Option<String> {
        let sandbox = || self.is_sandbox().then(|| SANDBOX_METHOD.to_owned());
        self.options.payment_method.clone().or_else(sandbox)
    }

    /// In microseconds.
    pub(crate) fn look_after(&self) -> i64 {
        micros(self.options.payment_look_seconds)
    }

    /// In microseconds.
    pub(crate) fn charge_within(&self) -> i64 {
        micros(self.options.charge_within_seconds)
    }

    fn read(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut options = Options::from_arg_matches(matches)?;
        let (key, file) = (options.stripe_key.take(), options.stripe_key_file.take());
        let key = secret(matches, "stripe_key", key, file, &KEY)?;
        let webhook =
            (options.stripe_webhook_secret.take(), options.stripe_webhook_secret_file.take());
        let webhook_secret =
            secret(matches, "stripe_webhook_secret", webhook.0, webhook.1, &WEBHOOK)?;
        let (stripe, sandbox) = (options.stripe_url.take(), options.sandbox_url.take());
        let url = stripe.or(sandbox.filter(|_| key.is_none()));
        let settings = ProviderSettings { url, key, webhook_secret, options };
        match address::problem(settings.key.as_ref(), &settings.url()) {
            None => Ok(settings),
            Some(problem) => Err(clap::Error::raw(ErrorKind::ValueValidation, problem + "\n")),
        }
    }
}

shop_service::read_from!(ProviderSettings, Options);

fn micros<const MOST: u64>(seconds: Seconds<MOST>) -> i64 {
    i64::try_from(seconds.duration().as_micros()).unwrap_or(i64::MAX)
}

fn url(text: &str) -> Result<Url, String> {
    let fits = |url: &Url| {
        ["http", "https"].contains(&url.scheme())
            && url.username().is_empty()
            && url.query().is_none()
    };
    let url = Url::parse(text).ok().filter(fits);
    url.ok_or_else(|| "write it as https://HOST or http://HOST:PORT".into())
}

fn method(text: &str) -> Result<String, String> {
    match shop_events::payment_method_problem(text) {
        None => Ok(text.to_owned()),
        Some(problem) => Err(problem.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        settings: ProviderSettings,
    }

    fn parse(args: &[&str]) -> Result<ProviderSettings, String> {
        let args = std::iter::once(&"payment").chain(args);
        Command::try_parse_from(args).map(|o| o.settings).map_err(|e| e.to_string())
    }

    #[test]
    fn without_a_key_no_money_moves() {
        let settings = parse(&[]).expect("defaults");
        assert!(settings.is_sandbox());
        assert_eq!(settings.url().as_str(), "http://127.0.0.1:8108/");
        assert_eq!(settings.default_method().as_deref(), Some("pm_card_visa"));
    }

    #[test]
    fn with_a_key_nothing_is_charged_that_no_order_names_and_no_webhook_is_taken_unsigned() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key").display().to_string();
        std::fs::write(&file, "sk_test_hunter2\n").expect("writes");
        let settings = parse(&["--stripe-key-file", &file]).expect("taken");
        assert_eq!(settings.url().as_str(), "https://api.stripe.com/");
        assert_eq!((settings.default_method(), settings.name()), (None, "stripe"));
        assert!(settings.webhook_secret().is_none());
        assert_eq!(settings.key().reveal(), "sk_test_hunter2");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn a_key_goes_to_stripe_also_where_there_is_a_sandbox_and_the_name_is_of_who_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key").display().to_string();
        let sandbox = ["--sandbox-url", "http://payment-sandbox:8100"];
        let settings = parse(&sandbox).expect("taken");
        assert_eq!(settings.url().as_str(), "http://payment-sandbox:8100/");
        assert_eq!((settings.name(), settings.named_url().is_some()), ("sandbox", true));

        std::fs::write(&file, "sk_live_hunter2\n").expect("writes");
        let with_key = |more: &[&str]| parse(&[&["--stripe-key-file", &file], more].concat());
        let settings = with_key(&sandbox).expect("taken");
        assert_eq!(settings.url().as_str(), "https://api.stripe.com/");
        assert_eq!(settings.name(), "stripe");
        let told = with_key(&["--stripe-url", "http://payment-sandbox:8100"]).expect_err("is not");
        assert!(told.contains("--stripe-url") && !told.contains("hunter2"), "{told}");

        std::fs::write(&file, "sk_test_hunter2\n").expect("writes");
        let settings = with_key(&["--stripe-url", "http://127.0.0.1:8108"]).expect("taken");
        assert_eq!(settings.name(), "sandbox", "whatever key it is sent");
        let told = parse(&["--stripe-url", "https://api.stripe.com"]).expect_err("has no key");
        assert!(told.contains("ORDERLINE_STRIPE_KEY"), "{told}");
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_option() {
        for (option, was, may_be) in [
            ("--stripe-url", "api.stripe.com", "https://"),
            ("--stripe-url", "https://sk_live@api.stripe.com", "https://"),
            ("--stripe-key", "sk_live", "ORDERLINE_STRIPE_KEY"),
            ("--stripe-key-file", "/no/such/file", "cannot be read"),
            ("--payment-method", "4242 4242 4242 4242", "card"),
            ("--stripe-seconds", "0", "120"),
        ] {
            let error = parse(&[option, was]).expect_err("is refused");
            assert!(error.contains(option) && error.contains(may_be), "{error}");
        }
        let told = parse(&["--stripe-key", "sk_live_hunter2"]).expect_err("is refused");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
