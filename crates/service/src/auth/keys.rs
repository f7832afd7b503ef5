//! The keys that tokens are verified with: had once, and asked for again when one is not known.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use pipeline::Clock;
use tokio::sync::OwnedMutexGuard;

use super::jwks::{self, KeysById};
use super::refusal::Refusal;

/// Between two questions, whoever wants to know and however often.
const BETWEEN: Duration = Duration::from_secs(5);
/// Keys that are older than this are asked for again, so that one that was taken back is not trusted
/// for good. Until there is an answer the old ones hold.
const FRESH: Duration = Duration::from_secs(300);
/// Until the answer is there, as a whole.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes of a JWKS.
const LARGEST: usize = 64 << 10;

/// Where the keys are: a JWKS, by HTTP or in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysFrom {
    /// `http://…` or `https://…`.
    Url(String),
    /// A path.
    File(PathBuf),
    /// This process itself: the user service, which issues the tokens.
    Held(HeldKeys),
}

/// Tells the JWKS that this process holds now.
#[derive(Clone)]
pub struct HeldKeys(Arc<dyn Fn() -> String + Send + Sync>);

impl HeldKeys {
    /// Asked whenever a key is not known, and now and then besides.
    pub fn new(jwks: impl Fn() -> String + Send + Sync + 'static) -> Self {
        HeldKeys(Arc::new(jwks))
    }
}

impl PartialEq for HeldKeys {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for HeldKeys {}

impl std::fmt::Debug for HeldKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeldKeys")
    }
}

impl KeysFrom {
    /// What `--jwks` is where nobody says otherwise.
    pub(crate) const DEFAULT: &str = "http://127.0.0.1:8104/.well-known/jwks.json";

    /// The user service that listens there, HOST:PORT.
    pub fn user_service(address: &str) -> Self {
        KeysFrom::Url(format!("http://{address}/.well-known/jwks.json"))
    }

    /// Whether nobody said where they are.
    pub fn is_default(&self) -> bool {
        matches!(self, KeysFrom::Url(url) if url == KeysFrom::DEFAULT)
    }
}

impl FromStr for KeysFrom {
    type Err = String;

    /// A file has to be there and to hold keys; a server may come later.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((scheme, rest)) = text.split_once("://") {
            if rest.contains('@') {
                return Err("leave out the user: public keys need none".into());
            }
            let http = matches!(scheme, "http" | "https") && !rest.is_empty();
            return if http && !rest.starts_with('/') {
                Ok(KeysFrom::Url(text.to_owned()))
            } else {
                Err("write it as http://HOST:PORT/PATH, https://HOST/PATH, or the path of a file"
                    .into())
            };
        }
        let file = PathBuf::from(text);
        let held = std::fs::read(&file).map_err(|error| format!("it cannot be read: {error}"))?;
        jwks::read(&held)?;
        Ok(KeysFrom::File(file))
    }
}

/// The cache.
pub(super) struct Keys {
    from: KeysFrom,
    client: reqwest::Client,
    clock: Clock,
    known: RwLock<Known>,
    /// When they were asked for last. Held while they are asked for.
    asked: Arc<tokio::sync::Mutex<Option<i64>>>,
    trouble: Mutex<Option<String>>,
}

#[derive(Default)]
struct Known {
    keys: KeysById,
    /// Nothing where there have never been any.
    at: Option<i64>,
}

impl Keys {
    pub(super) fn new(from: KeysFrom, clock: Clock) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        let (known, asked, trouble) = Default::default();
        Ok(Keys { from, client, clock, known, asked, trouble })
    }

    /// The key of this id. One that is not known is asked for, unless they were just asked for: of
    /// many requests with many such ids, one asks and all take its answer.
    pub(super) async fn find(self: &Arc<Self>, id: &str) -> Result<DecodingKey, Refusal> {
        if let Some((key, at)) = self.known(id) {
            self.refresh(at);
            return Ok(key);
        }
        let (keys, id) = (self.clone(), id.to_owned());
        // In a task of its own: a client that hangs up must not take the answer from all others.
        let found = tokio::spawn(async move {
            let asked = keys.asked.clone().lock_owned().await;
            if keys.known(&id).is_none() {
                keys.ask_unless_just_asked(asked).await;
            }
            keys.known(&id).map(|(key, _)| key)
        });
        match found.await {
            Ok(Some(key)) => Ok(key),
            _ if self.had_none() => Err(Refusal::NoKeys),
            _ => Err(Refusal::Key),
        }
    }

    fn known(&self, id: &str) -> Option<(DecodingKey, i64)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Some((known.keys.get(id)?.clone(), known.at?))
    }

    fn had_none(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).at.is_none()
    }

    fn refresh(self: &Arc<Self>, at: i64) {
        if self.within(FRESH, at) {
            return;
        }
        if let Ok(asked) = self.asked.clone().try_lock_owned() {
            let keys = self.clone();
            tokio::spawn(async move { keys.ask_unless_just_asked(asked).await });
        }
    }

    async fn ask_unless_just_asked(&self, mut asked: OwnedMutexGuard<Option<i64>>) {
        // Who holds the keys may be asked as often as one likes.
        let held = matches!(self.from, KeysFrom::Held(_));
        if !held && asked.is_some_and(|at| self.within(BETWEEN, at)) {
            return;
        }
        *asked = Some(self.clock.now_micros());
        let trouble = match self.fetch().await.and_then(|text| jwks::read(&text)) {
            Ok(keys) => {
                let now = Some(self.clock.now_micros());
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                *known = Known { keys, at: now };
                None
            }
            Err(why) => Some(why),
        };
        self.say(trouble);
    }

    /// Not if the clock was set back: then it is not known how long ago that was.
    fn within(&self, time: Duration, at: i64) -> bool {
        let since = Duration::try_from_secs_f64((self.clock.now_micros() - at) as f64 / 1e6);
        since.is_ok_and(|since| since < time)
    }

    async fn fetch(&self) -> Result<Vec<u8>, String> {
        let url = match &self.from {
            KeysFrom::Held(keys) => return Ok((keys.0)().into_bytes()),
            KeysFrom::File(file) => {
                let text = tokio::fs::read(file).await;
                return text.map_err(|error| format!("the file cannot be read: {error}"));
            }
            KeysFrom::Url(url) => url,
        };
        let words = |error: reqwest::Error| last_cause(&error.without_url());
        let mut answer = self.client.get(url).send().await.map_err(words)?;
        if !answer.status().is_success() {
            return Err(format!("the answer was {}", answer.status()));
        }
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(words)? {
            text.extend_from_slice(&chunk);
            if text.len() > LARGEST {
                return Err(format!("it is larger than {LARGEST} bytes"));
            }
        }
        Ok(text)
    }

    /// When it begins, when it changes and when it ends.
    fn say(&self, trouble: Option<String>) {
        let mut known = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match &trouble {
            Some(why) if known.as_ref() != Some(why) => {
                let none = self.had_none();
                tracing::warn!(failure.reason = %why, auth.no_keys = none, "the keys of access tokens (--jwks) cannot be had: those that are known hold");
            }
            None if known.is_some() => tracing::info!("the keys of access tokens are had again"),
            _ => {}
        }
        *known = trouble;
    }
}

/// The last cause says most.
fn last_cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
