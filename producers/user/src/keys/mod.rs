//! The keys that sign access tokens. They are in the database, so that all instances have the same;
//! which of them signs follows from the clock (see `domain/rotation.rs`).

mod key;
mod seal;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::FutureExt;
use pipeline::{Cause, Store, Tx};
use shop_service::auth::{AUDIENCE, Claims, TOKEN_TYPE, use_ed25519};
use shop_service::http::Problem;
use uuid::Uuid;

use crate::domain::{self, Role, TOKEN_SECONDS};
use crate::store::keys::{self as rows, KeyRow};
pub(crate) use key::Jwks;
use key::Key;
pub(crate) use seal::Seal;

/// What is wrong with the keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Nothing signs with it here.
    #[error(
        "the signing key {0} cannot be opened: it was sealed with another secret than --signing-secret-file or ORDERLINE_SIGNING_SECRET gives"
    )]
    Sealed(String),
    #[error("the signing key {0} is damaged in the database")]
    Damaged(String),
    #[error("a signing key could not be made: {0}")]
    Crypto(#[from] openssl::error::ErrorStack),
}

/// What keys are like here.
#[derive(Debug, Clone)]
pub(crate) struct KeySettings {
    /// How long a key signs.
    pub(crate) age: Duration,
    /// The claim `iss`.
    pub(crate) issuer: String,
    /// What private halves are sealed with.
    pub(crate) seal: Seal,
}

/// The keys as this instance knows them.
#[derive(Clone)]
pub(crate) struct Keys(Arc<Inner>);

struct Inner {
    store: Store,
    settings: KeySettings,
    known: RwLock<Arc<Vec<Key>>>,
}

impl Keys {
    /// Reads them, and makes the first ones where there are none.
    pub(crate) async fn load(store: Store, settings: KeySettings) -> Result<Self, KeyError> {
        use_ed25519();
        let keys = Keys(Arc::new(Inner { store, settings, known: RwLock::default() }));
        keys.turn().await?;
        Ok(keys)
    }

    /// Does what is due, once for all instances, and reads the keys again.
    pub(crate) async fn turn(&self) -> Result<(), KeyError> {
        let Inner { store, settings, known } = &*self.0;
        let mut kept = rows::all(store.reader()).await?;
        let age = i64::try_from(settings.age.as_micros()).unwrap_or(i64::MAX);
        if !planned(&kept, store.now_micros(), age).is_empty() {
            let seal = &settings.seal;
            // It may run twice: when two instances do the same at once, one of them looks again.
            let done = store.write(Cause::default(), |tx| follow(tx, age, seal).boxed());
            kept = done.await?;
            let newest = kept.last().map(|key| key.kid.as_str()).unwrap_or_default();
            tracing::info!(
                key.count = kept.len(),
                key.newest = newest,
                "the signing keys have changed"
            );
        }
        let keys = kept.iter().map(|row| Key::open(row, &settings.seal));
        let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
        *known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }

    /// An access token for a session of this user.
    pub(crate) fn access_token(
        &self,
        user_id: Uuid,
        role: Role,
        session: Uuid,
    ) -> Result<String, Problem> {
        let Inner { store, settings, .. } = &*self.0;
        let now = store.now_micros();
        let keys = self.known();
        let standings: Vec<_> = keys.iter().map(|key| key.standing).collect();
        let current = domain::current(&standings, now).and_then(|i| keys.get(i));
        let current = current.ok_or_else(|| Problem::internal("there is no signing key"))?;
        let seconds = now.div_euclid(1_000_000);
        let claims = Claims {
            iss: settings.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user_id,
            role,
            sid: session,
            iat: seconds,
            nbf: seconds,
            exp: seconds + TOKEN_SECONDS,
            jti: store.emitter().random.uuid_v7(now).to_string(),
        };
        current.sign(TOKEN_TYPE, &claims).map_err(Problem::internal)
    }

    /// The public halves.
    pub(crate) fn jwks(&self) -> Jwks {
        Jwks { keys: self.known().iter().map(Key::jwk).collect() }
    }

    fn known(&self) -> Arc<Vec<Key>> {
        self.0.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn planned(kept: &[KeyRow], now: i64, age: i64) -> domain::Plan {
    let standings: Vec<_> = kept.iter().map(|row| row.standing).collect();
    domain::plan(&standings, now, age)
}

async fn follow(tx: &mut Tx, age: i64, seal: &Seal) -> Result<Vec<KeyRow>, KeyError> {
    let kept = rows::all(tx.conn()).await?;
    let plan = planned(&kept, tx.now_micros(), age);
    for standing in plan.make {
        let row = Key::make(standing, seal)?;
        rows::insert(tx.conn(), &row).await?;
    }
    if let Some(key) = plan.sooner {
        rows::sign_from(tx.conn(), key.number, key.signs_from).await?;
    }
    for number in plan.silence {
        rows::silence(tx.conn(), number).await?;
    }
    for number in plan.remove {
        rows::remove(tx.conn(), number).await?;
    }
    Ok(rows::all(tx.conn()).await?)
}
