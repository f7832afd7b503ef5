//! The service's handlers on a log in memory and a database of each kind.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use pipeline::transport::Sink;
use pipeline::transport::memory::Memory;
use pipeline::{
    Cause, Clock, Database, Emitter, Event, Group, Outgoing, Relay, Runtime, Schemas, Settings,
    Store,
};
use prometheus_client::registry::Registry;
use shop_events::*;
use shop_service::auth::{KeysFrom, Tokens, guarded};
use shop_service::{Callers, Published as _};
use shop_testkit::database::{Fresh, Kind};
use shop_testkit::tokens::Issuer;
use shop_testkit::{log, wait};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::delivery::Delivery;
use crate::http::App;
use crate::mailer::Mailer;
use crate::pages::Pages;
use crate::push::encrypt::fresh_key;
use crate::push::post::Post;
use crate::push::vapid::Vapid;
use crate::pusher::Pusher;
use crate::settings::{MailSettings, PushSettings};
use crate::{EMAIL, MIGRATIONS, PUSH, Publishes, answers, mails, pushes};

const SOON: Duration = Duration::from_secs(60);

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    mail: MailSettings,
    #[command(flatten)]
    push: PushSettings,
}

pub(super) struct Notification {
    memory: Memory,
    runtime: Runtime<Memory>,
    others: Emitter,
    pub(super) metrics: Registry,
    pub(super) store: Store,
    pub(super) pages: Pages,
    /// The public key of its push messages, once it reads.
    pub(super) vapid_key: String,
    folder: tempfile::TempDir,
    running: Option<DropGuard>,
    _database: Fresh,
}

impl Notification {
    /// Not reading yet; `join` starts that.
    pub(super) async fn new(on: Kind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = on.fresh().await.expect("a database");
        let schemas = Schemas::in_memory();
        Publishes::register(&schemas).await.expect("registers");
        <(OrderCompleted, OrderRejected, OrderCancelled)>::register(&schemas).await.expect("does");
        <(UserRegistered, UserProfileChanged, UserRoleChanged)>::register(&schemas)
            .await
            .expect("does");
        let memory = Memory::new(3);
        let mut metrics = Registry::default();
        let runtime = Runtime::new(memory.clone(), schemas.clone(), "test", &mut metrics);
        let runtime = runtime.expect("the log in memory is there");
        let connected = Database::connect_as("notification", database.url()).await;
        let connected = connected.expect("connects");
        let store = Store::new(connected, Emitter::new("notification", schemas.clone()));
        store.migrate(MIGRATIONS).await.expect("migrates");
        let relay = Relay::new(store.clone(), runtime.sink());
        tokio::spawn(async move { relay.run(CancellationToken::new()).await });
        let others = Emitter::new("order", schemas);
        Notification {
            memory,
            runtime,
            others,
            metrics,
            store,
            pages: Pages::default(),
            vapid_key: String::new(),
            folder,
            running: None,
            _database: database,
        }
    }

    /// Reads and tells, with these options besides the mail folder.
    pub(super) async fn join(&mut self, options: &[&str]) {
        let folder = self.mails_folder().display().to_string();
        let own = ["notification", "--mail-dir", &folder];
        // A message whose answer is late is sent twice, and here each is counted.
        let patient = ["--smtp-seconds=60", "--push-seconds=60"];
        let named = |name: &&&str| options.iter().any(|option| name.starts_with(option));
        let patient = patient.iter().filter(|name| !named(name));
        let Options { mail, push } = Options::parse_from(own.iter().chain(patient).chain(options));
        let delivery = Delivery::new(&mail).expect("can be made");
        let store = self.store.clone();
        let mailer = Mailer::new(store.clone(), mail.mail_from, delivery).expect("can be made");
        let contact = "mailto:orders@shop.example";
        let vapid = Vapid::new(None, &store, contact).await.expect("is made");
        self.vapid_key = vapid.public_key().to_owned();
        let post = Post::new(&push, vapid).expect("can be made");
        let pusher = Pusher::new(store.clone(), post, self.pages.clone()).expect("can be made");
        let settings = Settings { commit_every: Duration::from_millis(20), ..Default::default() };
        let group = |name| Group::new(name, &self.runtime).settings(settings.clone());
        let stop = CancellationToken::new();
        tokio::spawn(mails(group(EMAIL), store.clone(), mailer).run(stop.clone()));
        tokio::spawn(pushes(group(PUSH), store, pusher).run(stop.clone()));
        self.running = Some(stop.drop_guard());
    }

    pub(super) async fn start(on: Kind, options: &[&str]) -> Self {
        let mut notification = Self::new(on).await;
        notification.join(options).await;
        notification
    }

    fn mails_folder(&self) -> PathBuf {
        self.folder.path().join("mail")
    }

    /// An event as it goes to its topic, to be sent once or more often.
    pub(super) fn record<E: Event>(&self, event: &E) -> Outgoing {
        self.others.record(event, &Cause::default()).expect("encodes").1
    }

    pub(super) async fn send(&self, record: Outgoing) {
        self.memory.broker().send(vec![record]).await.expect("is there");
    }

    pub(super) async fn publish<E: Event>(&self, event: &E) {
        self.send(self.record(event)).await;
    }

    /// The user asks to be erased.
    pub(super) async fn erase(&self, user_id: Uuid) {
        let key = user_id.to_string();
        let erased: Result<(), sqlx::Error> = self
            .store
            .write(Cause::default(), |tx| {
                tx.erase::<UserRegistered>(&key);
                Box::pin(async { Ok(()) })
            })
            .await;
        erased.expect("commits");
    }

    /// Its routes, and who may call them.
    pub(super) fn routes(&self, issuer: &Issuer) -> axum::Router {
        self.routes_by(self.store.emitter().clock.clone(), issuer)
    }

    /// The same, with this clock for how long tokens are good.
    pub(super) fn routes_by(&self, clock: Clock, issuer: &Issuer) -> axum::Router {
        let contact = "mailto:orders@shop.example";
        let vapid = Vapid::of(&fresh_key().expect("randomness"), contact);
        let app = App::new(&self.store, &self.pages, &vapid, &CancellationToken::new());
        let callers = Callers::by(KeysFrom::File(issuer.jwks_file().into()));
        let tokens = Tokens::new(&callers, clock);
        guarded(answers(app), Arc::new(tokens.expect("keys"))).expect("each route says who")
    }

    /// Waits until everything published is handled and committed, and the answers are out.
    pub(super) async fn settled(&self) {
        let relay = Relay::new(self.store.clone(), self.runtime.sink());
        let broker = self.memory.broker();
        let done = async || {
            let behind = |group| broker.lag(group, "orders") + broker.lag(group, "users");
            behind(EMAIL) + behind(PUSH) == 0 && relay.waiting().await.is_ok_and(|n| n == 0)
        };
        wait::until(SOON, done).await.expect("all is handled");
    }

    /// Waits until the group stands still because something is away.
    pub(super) async fn stopped(&self) -> String {
        let trouble = async || {
            let groups = self.runtime.groups();
            groups.iter().find_map(|g| g.trouble()).filter(|why| why.contains("stopped"))
        };
        wait::some(SOON, trouble).await.expect("stops")
    }

    /// What was published of a type, each event once however often it was sent.
    pub(super) fn told<E: Event>(&self) -> Vec<E> {
        log::told(&self.memory, self.runtime.schemas())
    }

    pub(super) fn dead_letters(&self) -> usize {
        [EMAIL, PUSH].map(|group| log::dead(&self.memory, group).len()).iter().sum()
    }

    /// Whether a push message was put off.
    pub(super) fn retried(&self) -> bool {
        let mut metrics = String::new();
        prometheus_client::encoding::text::encode(&mut metrics, &self.metrics).expect("text");
        let of_push = |line: &&str| line.contains("push") && line.contains("retried");
        metrics.lines().find(of_push).is_some_and(|line| !line.ends_with(" 0"))
    }

    /// The mails in the folder, as text.
    pub(super) fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.mails_folder()).into_iter().flatten();
        let paths = files.map(|file| file.expect("reads").path());
        paths.map(|path| std::fs::read_to_string(path).expect("reads")).collect()
    }
}
