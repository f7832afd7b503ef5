//! Who sends: a signature that push services know this shop by (VAPID, RFC 8292). Browsers subscribe
//! with its public key, so the key stays the same; another one makes every subscription useless.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::FutureExt;
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::pkcs8::DecodePrivateKey;
use pipeline::{Cause, Store};
use serde::Serialize;
use shop_service::WrongOption;
use sqlx::Row;
use url::Url;

use super::encrypt::fresh_key;

/// How long a signature holds; a push service takes a day at most.
const HOLDS_SECONDS: i64 = 12 * 3_600;

/// The key, and whom a push service may write to.
#[derive(Clone)]
pub(crate) struct Vapid {
    key: SigningKey,
    public: String,
    contact: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: String,
    exp: i64,
    sub: &'a str,
}

impl Vapid {
    /// The key in this file, or else that of the database, made when there is none.
    pub(crate) async fn new(
        file: Option<&Path>,
        store: &Store,
        contact: &str,
    ) -> anyhow::Result<Self> {
        let key = match file {
            Some(file) => read(file).map_err(|why| {
                WrongOption(format!("--vapid-key-file {}: {why}", file.display()))
            })?,
            None => kept(store).await?,
        };
        Ok(Self::of(&key, contact))
    }

    pub(crate) fn of(key: &SecretKey, contact: &str) -> Self {
        let public = URL_SAFE_NO_PAD.encode(key.public_key().to_sec1_point(false).as_bytes());
        Vapid { key: SigningKey::from(key), public, contact: contact.to_owned() }
    }

    /// What a page subscribes with: `applicationServerKey`.
    pub(crate) fn public_key(&self) -> &str {
        &self.public
    }

    /// The header `Authorization` for a push service.
    pub(super) fn authorization(&self, endpoint: &Url, now_micros: i64) -> String {
        let claims = Claims {
            aud: endpoint.origin().ascii_serialization(),
            exp: now_micros.div_euclid(1_000_000) + HOLDS_SECONDS,
            sub: &self.contact,
        };
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let header = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature: Signature = self.key.sign(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        // Without a space: some services split there.
        format!("vapid t={signed}.{signature},k={}", self.public)
    }
}

/// As `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` writes it, or the 32 bytes as
/// base64url, as most tools for Web Push print it.
fn read(file: &Path) -> Result<SecretKey, String> {
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("it cannot be read: {error}"))?;
    let text = text.trim();
    let help = "it is no private key of P-256, in PEM (PKCS #8) or 32 bytes as base64url";
    if text.starts_with("-----BEGIN") {
        return SecretKey::from_pkcs8_pem(text).map_err(|_| help.to_owned());
    }
    decode(text).ok_or_else(|| help.to_owned())
}

fn decode(text: &str) -> Option<SecretKey> {
    SecretKey::from_slice(&URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?).ok()
}

/// The key of this database, which all instances share.
async fn kept(store: &Store) -> anyhow::Result<SecretKey> {
    let fresh = fresh_key().ok_or_else(|| anyhow::anyhow!("there is no randomness"))?;
    let fresh = URL_SAFE_NO_PAD.encode(fresh.to_bytes());
    let text: Result<String, sqlx::Error> = store
        .write(Cause::default(), |tx| {
            let keep = sqlx::query(
                "INSERT INTO vapid_key (name, secret) VALUES ('current', $1) ON CONFLICT (name) DO NOTHING",
            )
            .bind(fresh.clone());
            async move {
                keep.execute(tx.conn()).await?;
                let kept = sqlx::query("SELECT secret FROM vapid_key WHERE name = 'current'");
                kept.fetch_one(tx.conn()).await?.try_get(0)
            }
            .boxed()
        })
        .await;
    decode(&text?).ok_or_else(|| anyhow::anyhow!("the key in the table vapid_key is none"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;
    use p256::pkcs8::{EncodePrivateKey, LineEnding};

    fn vapid() -> Vapid {
        Vapid::of(&fresh_key().unwrap(), "mailto:orders@shop.example")
    }

    #[test]
    fn a_push_service_can_verify_who_sends_and_for_whom() {
        let vapid = vapid();
        let endpoint = Url::parse("https://push.example.net:8443/send/1?x=y").unwrap();
        let header = vapid.authorization(&endpoint, 1_700_000_000_000_000);
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(",k=").unwrap();
        assert_eq!(key, vapid.public_key());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        let key = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(key).unwrap()).unwrap();
        key.verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://push.example.net:8443");
        assert_eq!(claims["exp"], 1_700_000_000 + HOLDS_SECONDS);
        assert_eq!(claims["sub"], "mailto:orders@shop.example");
    }

    #[test]
    fn a_key_file_is_pem_or_base64url() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let key = fresh_key().unwrap();
        std::fs::write(file.path(), URL_SAFE_NO_PAD.encode(key.to_bytes()) + "\n").unwrap();
        assert_eq!(read(file.path()).unwrap(), key);
        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        std::fs::write(file.path(), pem).unwrap();
        assert_eq!(read(file.path()).unwrap(), key);
        for none in ["", "AAAA", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
            std::fs::write(file.path(), none).unwrap();
            let error = read(file.path()).unwrap_err();
            assert!(error.contains("P-256"), "{error}");
        }
    }
}
