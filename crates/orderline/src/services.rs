//! Every service that `orderline up` and `demo` run: a new one is a line here.

use futures::FutureExt;
use futures::future::BoxFuture;
use shop_service::Settings;
use tokio_util::sync::CancellationToken;

use crate::shop::ShopSettings;

/// How a service runs until it is told to stop.
type Run = fn(&ShopSettings, Settings, CancellationToken) -> BoxFuture<'static, anyhow::Result<()>>;

/// A service of the shop.
pub(crate) struct Service {
    pub(crate) name: &'static str,
    /// Where it listens by default.
    pub(crate) port: u16,
    pub(crate) run: Run,
}

/// The one that issues the tokens.
pub(crate) const USER: &str = "user";

pub(crate) const SERVICES: &[Service] = &[
    Service {
        name: "order",
        port: 8101,
        run: |shop, service, stop| {
            let own = order::Settings {
                service,
                limits: shop.limits.clone(),
                lifetime: shop.lifetime.clone(),
            };
            async move { order::run(&own, stop).await }.boxed()
        },
    },
    Service {
        name: "inventory",
        port: 8102,
        run: |_, own, stop| inventory::run(own, stop).boxed(),
    },
    Service {
        name: "notification",
        port: 8103,
        run: |shop, service, stop| {
            let own = notification::Settings {
                service,
                mail: shop.mail.clone(),
                push: shop.push.clone(),
            };
            notification::run(own, stop).boxed()
        },
    },
    Service {
        name: USER,
        port: 8104,
        run: |shop, service, stop| {
            let own = user::Settings { service, accounts: shop.accounts.clone() };
            user::run(own, stop).boxed()
        },
    },
    Service {
        name: "product",
        port: 8105,
        run: |_, own, stop| async move { product::run(&own, stop).await }.boxed(),
    },
    Service {
        name: "cart",
        port: 8106,
        run: |shop, service, stop| {
            let own = cart::Settings { service, carts: shop.carts.clone() };
            cart::run(own, stop).boxed()
        },
    },
    Service {
        name: "payment",
        port: 8107,
        run: |shop, service, stop| {
            let own = payment::Settings { service, provider: shop.payment.clone() };
            payment::run(own, stop).boxed()
        },
    },
];
