//! The customers: each signs up, and some have a page of the shop open.

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};

use super::door::Door;
use super::page::Page;
use super::plan::Planned;
use crate::accounts::{Account, Accounts};
use crate::shop::Addresses;

/// Nobody has mail at this domain, by its reservation.
const DOMAIN: &str = "example.com";

pub(super) struct Customer {
    pub(super) name: &'static str,
    pub(super) account: Account,
    pub(super) page: Option<Page>,
}

/// One for each order, in the same sequence.
pub(super) async fn sign_up(
    plan: &[Planned],
    addresses: &Addresses,
    now: i64,
) -> anyhow::Result<Vec<Customer>> {
    let accounts = Accounts::at(format!("http://{}/", addresses["user"]).parse()?, now)?;
    let profile = Door::at(&addresses["user"])?;
    let mut customers = Vec::new();
    for Planned { customer: name, page, .. } in plan {
        let account = accounts.open(name, DOMAIN).await?;
        let page = match page {
            true => {
                // Nobody is told by push who has not asked for it.
                let wish = json!({ "push_enabled": true });
                let told = profile.send(&account, Method::PATCH, "users/me", Some(&wish)).await?;
                told.taken::<Value>()?;
                Some(Page::open(&addresses["notification"], &account).await.context(*name)?)
            }
            false => None,
        };
        customers.push(Customer { name, account, page });
    }
    Ok(customers)
}
