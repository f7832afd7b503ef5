//! Customers with an account, some of whom have devices that push messages go to.

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use shop_testkit::push::{self, Shares};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::insistent::{Insistent, Request};
use crate::shop::Shop;

const PASSWORD: &str = "correct horse battery staple";
/// Passwords are hashed by so many at once.
const AT_ONCE: usize = 4;

/// Customers who have registered at the user service.
pub struct Members {
    all: Vec<Member>,
    /// What their devices listen to.
    pub push: push::Server,
    users: String,
    client: Insistent,
}

/// One of them.
pub struct Member {
    pub user_id: Uuid,
    email: String,
    /// Held while they shop: they have one cart.
    pub shopping: Mutex<()>,
}

impl Shop {
    /// Registers `count` of them: of four, three have a phone, and one of those a tablet too.
    pub async fn members(&mut self, count: usize, shares: Shares) -> anyhow::Result<Members> {
        let devices: Vec<String> = (0..count).flat_map(devices_of).collect();
        let push = push::Server::start_with(&devices, Some(shares)).await?;
        let service = self.instances("user").into_iter().next().context("no user service")?;
        let users = format!("http://{}", service.address);
        let mut members = Members { all: Vec::new(), push, users, client: Insistent::new(true) };
        let joining = stream::iter(0..count).map(|number| members.join(number)).buffered(AT_ONCE);
        members.all = joining.try_collect().await?;
        Ok(members)
    }
}

fn devices_of(number: usize) -> Vec<String> {
    let kinds: &[&str] = [&["phone", "tablet"][..], &["phone"], &["phone"], &[]][number % 4];
    kinds.iter().map(|kind| format!("{kind}-{number}")).collect()
}

impl Members {
    /// Whoever places the order of this number.
    pub fn of(&self, number: usize) -> &Member {
        &self.all[number % self.all.len()]
    }

    async fn join(&self, number: usize) -> anyhow::Result<Member> {
        let email = format!("member-{number}@example.org");
        let (status, account) = self.register(&email).await?;
        anyhow::ensure!(status == StatusCode::CREATED, "{email}: {status} {account}");
        let user_id = account["user_id"].as_str().context("an id")?.parse()?;
        let member = Member { user_id, email, shopping: Mutex::default() };
        let subscriptions = devices_of(number)
            .iter()
            .map(|device| Ok(serde_json::from_str::<Value>(&self.push.subscription(device)?)?))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let body = json!({
            "push_enabled": !subscriptions.is_empty(),
            "push_subscriptions": subscriptions,
        });
        let (token, url) = (self.sign_in(&member).await?, format!("{}/users/me", self.users));
        let request = Request {
            method: Method::PATCH,
            url: &url,
            token: Some(&token),
            body: Some(&body),
            ..Request::default()
        };
        let (status, answer) = self.client.ask(&request).await?;
        anyhow::ensure!(status == StatusCode::OK, "{}: {status} {answer}", member.email);
        Ok(member)
    }

    /// One more, who orders nothing, has an account.
    pub async fn newcomer(&self, number: usize) -> anyhow::Result<()> {
        let email = format!("newcomer-{number}@example.org");
        let (status, answer) = self.register(&email).await?;
        // The address is taken where the first answer was lost.
        let has_one = [StatusCode::CREATED, StatusCode::CONFLICT].contains(&status);
        anyhow::ensure!(has_one, "{email}: {status} {answer}");
        Ok(())
    }

    async fn register(&self, email: &str) -> anyhow::Result<(StatusCode, Value)> {
        let url = format!("{}/users", self.users);
        let body = json!({ "email": email, "password": PASSWORD, "name": "Somebody" });
        let request =
            Request { method: Method::POST, url: &url, body: Some(&body), ..Request::default() };
        self.client.ask(&request).await
    }

    async fn sign_in(&self, member: &Member) -> anyhow::Result<String> {
        let url = format!("{}/sessions", self.users);
        let body = json!({ "email": member.email, "password": PASSWORD });
        let request =
            Request { method: Method::POST, url: &url, body: Some(&body), ..Request::default() };
        let (status, answer) = self.client.ask(&request).await?;
        anyhow::ensure!(status == StatusCode::CREATED, "{}: {status} {answer}", member.email);
        Ok(answer["access_token"].as_str().context("a token")?.to_owned())
    }

    /// What the user service shows each of them of their orders, by user id, for the audit.
    pub async fn histories(&self) -> anyhow::Result<Value> {
        let each = stream::iter(&self.all).map(async |member| {
            let orders = self.history(member).await.with_context(|| member.email.clone())?;
            anyhow::Ok((member.user_id.to_string(), Value::from(orders)))
        });
        Ok(each.buffered(AT_ONCE).try_collect::<Map<_, _>>().await?.into())
    }

    async fn history(&self, member: &Member) -> anyhow::Result<Vec<Value>> {
        let token = self.sign_in(member).await?;
        let (mut all, mut next) = (Vec::new(), Some("/users/me/orders?limit=100".to_owned()));
        while let Some(path) = next {
            let url = format!("{}{path}", self.users);
            let request = Request { url: &url, token: Some(&token), ..Request::default() };
            let (status, mut page) = self.client.ask(&request).await?;
            anyhow::ensure!(status == StatusCode::OK, "{path}: {status} {page}");
            let orders = page["orders"].as_array_mut().context("orders")?;
            all.extend(orders.drain(..).map(|order| {
                json!({ "order_id": order["order_id"], "state": order["state"], "total": order["total"] })
            }));
            next = page["next"].as_str().map(str::to_owned);
        }
        Ok(all)
    }
}
