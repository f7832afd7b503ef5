#![doc = include_str!("../README.md")]

mod delivery;
mod domain;
mod email;
mod handlers;
mod http;
mod mailer;
mod messages;
mod news;
mod pages;
mod people;
mod push;
mod pusher;
mod settings;
mod settled;
mod timing;
mod words;

#[cfg(test)]
mod tests;

use pipeline::transport::Transport;
use pipeline::{EffectGroup, Group, Migration, Store};
use shop_events::{
    NotificationFailed, NotificationSent, OrderCancelled, OrderCompleted, OrderRejected,
    UserProfileChanged, UserRegistered, UserRoleChanged,
};
use shop_service::{Identity, Service};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::delivery::Delivery;
use crate::handlers::{KeepUser, Mail, Push, UserErased};
use crate::http::App;
use crate::mailer::Mailer;
use crate::pages::Pages;
use crate::push::post::Post;
use crate::push::vapid::Vapid;
use crate::pusher::Pusher;
pub use crate::settings::{MailSettings, PushSettings, Settings};

/// Who this is.
pub const IDENTITY: Identity =
    Identity { name: "notification", version: env!("CARGO_PKG_VERSION"), port: 8103 };

/// The consumer groups: one for each way to a customer, so that neither holds the other up.
pub const GROUPS: [&str; 2] = [EMAIL, PUSH];
const EMAIL: &str = "email";
const PUSH: &str = "push";

/// What is published, all of it on the topic `notifications`.
type Publishes = (NotificationSent, NotificationFailed);

const MIGRATIONS: &[Migration] = &[
    Migration { name: "notification/0001", sql: include_str!("../migrations/0001_people.sql") },
    Migration {
        name: "notification/0002",
        sql: include_str!("../migrations/0002_devices_by_endpoint.sql"),
    },
];

/// Runs until `stop`.
pub async fn run(settings: Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let Settings { service: own, mail, push } = settings;
    let delivery = Delivery::new(&mail)?;
    tracing::info!(mail.delivery = %delivery, "mails go here");
    let mut service = Service::start::<Publishes>(IDENTITY, &own, MIGRATIONS, stop).await?;
    let (store, pages) = (service.store().clone(), Pages::default());
    let contact = push.push_contact.clone();
    let contact = contact.unwrap_or_else(|| format!("mailto:{}", mail.mail_from.email));
    let vapid = Vapid::new(push.vapid_key_file.as_deref(), &store, &contact).await?;
    let app = App::new(&store, &pages, &vapid, service.stop());
    let mailer = Mailer::new(store.clone(), mail.mail_from, delivery)?;
    let pusher = Pusher::new(store.clone(), Post::new(&push, vapid)?, pages.clone())?;
    service.metrics(|registry| {
        mailer.register(registry);
        pusher.register(registry);
        pages.register(registry);
    });
    service.http(answers(app))?;
    service.group(EMAIL, |group, stop| mails(group, store.clone(), mailer).run(stop));
    service.group(PUSH, |group, stop| pushes(group, store.clone(), pusher).run(stop));
    service.run().await
}

/// Every mail there is.
fn mails<T: Transport>(group: Group<T>, store: Store, mailer: Mailer) -> EffectGroup<T, Mailer> {
    let at_once = mailer.at_once();
    keeping_users(group.effects(store, mailer).at_once(at_once))
        .on::<Mail<OrderCompleted>>()
        .on::<Mail<OrderRejected>>()
        .on::<Mail<OrderCancelled>>()
}

/// Every push message there is.
fn pushes<T: Transport>(group: Group<T>, store: Store, pusher: Pusher) -> EffectGroup<T, Pusher> {
    keeping_users(group.effects(store, pusher))
        .on::<Push<OrderCompleted>>()
        .on::<Push<OrderRejected>>()
        .on::<Push<OrderCancelled>>()
}

/// Both groups read the users, so that neither tells them of what the other has not read yet.
fn keeping_users<T, C>(group: EffectGroup<T, C>) -> EffectGroup<T, C>
where
    T: Transport,
    C: Clone + Send + Sync + 'static,
{
    group
        .keep::<KeepUser<UserRegistered, C>>()
        .keep::<KeepUser<UserProfileChanged, C>>()
        .keep::<KeepUser<UserRoleChanged, C>>()
        .on_erased::<UserErased<C>>()
}

/// Every route, one file each in `http/`.
fn answers(app: App) -> OpenApiRouter {
    OpenApiRouter::with_openapi(http::openapi())
        .routes(routes!(http::follow_messages))
        .routes(routes!(http::push_key))
        .with_state(app)
}
