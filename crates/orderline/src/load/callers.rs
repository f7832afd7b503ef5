//! Whose orders they are: accounts that are made for the run, or tokens from a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Url;
use shop_service::Secret;

use super::http;
use crate::accounts::{Account, Accounts};

/// Accounts that are made at once.
const AT_ONCE: usize = 4;

/// Who places orders by HTTP.
#[derive(Debug, Clone, Args)]
pub(super) struct CallersOptions {
    /// The user service, where accounts are made to place orders with.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8104", value_parser = http::url)]
    pub(super) user_service: Url,
    /// How many accounts are made; orders come from them in turn.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 8,
        value_parser = clap::value_parser!(u16).range(1..=1_000)
    )]
    pub(super) accounts: u16,
    /// Access tokens to place orders with, one a line, instead of accounts of this run's own. They
    /// are not renewed.
    #[arg(long, env = "ORDERLINE_TOKENS", value_name = "FILE")]
    pub(super) tokens: Option<PathBuf>,
}

/// Those who order.
pub(super) enum Callers {
    Accounts(Accounts, Vec<Account>),
    Tokens(Vec<Secret>),
}

impl Callers {
    pub(super) async fn of(options: &CallersOptions, now: i64) -> anyhow::Result<Self> {
        if let Some(file) = &options.tokens {
            return Ok(Callers::Tokens(read(file)?));
        }
        let accounts = Accounts::at(options.user_service.clone(), now)?;
        let made = stream::iter(1..=options.accounts)
            .map(|number| {
                let accounts = &accounts;
                // No mail can go there (RFC 2606).
                async move { accounts.open(&format!("Load Test {number}"), "example.invalid").await }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(Callers::Accounts(accounts, made))
    }

    /// The token of the customer of this number.
    pub(super) fn token(&self, number: u32) -> Secret {
        let of = |count: usize| number as usize % count;
        match self {
            Callers::Accounts(_, accounts) => accounts[of(accounts.len())].token(),
            Callers::Tokens(tokens) => tokens[of(tokens.len())].clone(),
        }
    }

    /// After a 401: whether there is another token now.
    pub(super) async fn renew(&self, number: u32, old: &Secret) -> bool {
        let Callers::Accounts(service, accounts) = self else { return false };
        let account = &accounts[number as usize % accounts.len()];
        service.renew(account, old).await.is_ok()
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<Secret>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("--tokens {} cannot be read", file.display()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let tokens: Vec<Secret> = lines.map(Secret::from).collect();
    if tokens.is_empty() {
        bail!("--tokens {} holds no token: write one a line", file.display());
    }
    Ok(tokens)
}
