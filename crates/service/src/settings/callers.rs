use std::num::NonZeroU32;

use clap::Args;

use crate::auth::{KeysFrom, Network, Rate};

/// What `--token-issuer` is where nobody says otherwise.
const ISSUER: &str = "orderline";

/// What `--writes-per-account` is then.
const WRITES: Rate = Rate::per_minute(NonZeroU32::new(300).unwrap());

/// How those who call over HTTP are known, and how often they may.
#[derive(Debug, Clone, Args)]
pub struct Callers {
    /// The public keys that access tokens are verified with, a JWKS: the user service's URL, or a
    /// file.
    #[arg(
        long,
        env = "ORDERLINE_JWKS",
        value_name = "URL|FILE",
        default_value = KeysFrom::DEFAULT
    )]
    pub jwks: KeysFrom,
    /// Who issues access tokens: what their claim `iss` must be.
    #[arg(
        long,
        env = "ORDERLINE_TOKEN_ISSUER",
        value_name = "NAME",
        default_value = ISSUER,
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    pub token_issuer: String,
    /// Proxies whose X-Forwarded-For is believed when requests are counted by address: addresses or
    /// networks (10.0.0.0/8), separated by commas. Default: none, so that the peer's address counts.
    #[arg(
        long,
        env = "ORDERLINE_TRUSTED_PROXIES",
        value_name = "ADDRESS[/BITS],…",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<Network>,
    /// Requests of one account that change something (all but GET and HEAD), COUNT/UNIT with s, m or
    /// h for the unit; one more is answered with 429. Each instance of each service counts for itself.
    #[arg(
        long,
        env = "ORDERLINE_WRITES_PER_ACCOUNT",
        value_name = "COUNT/UNIT",
        default_value_t = WRITES
    )]
    pub writes_per_account: Rate,
}

impl Callers {
    /// Known by these keys, and everything else as it is by default.
    pub fn by(jwks: KeysFrom) -> Self {
        Callers {
            jwks,
            token_issuer: ISSUER.into(),
            trusted_proxies: Vec::new(),
            writes_per_account: WRITES,
        }
    }
}
