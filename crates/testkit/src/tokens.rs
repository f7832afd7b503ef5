//! Access tokens without a user service: an Ed25519 key of the test's own, its JWKS as a file, and
//! tokens good and bad.
//!
//! Nothing here is shared with the code that verifies them, so that a mistake there shows.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::names;

/// The year 2100, so that no test needs the time.
const FAR: i64 = 4_102_444_800;
/// The year 2020.
const PAST: i64 = 1_577_836_800;

/// Issues tokens as the user service does. `ORDERLINE_JWKS` is told [`Issuer::jwks_file`].
pub struct Issuer {
    /// The first one signs, the others are still published.
    keys: Vec<Key>,
    file: PathBuf,
    _folder: TempDir,
}

struct Key {
    id: String,
    key: SigningKey,
}

impl Key {
    fn new() -> Self {
        let mut seed = [0; 32];
        for part in seed.chunks_mut(8) {
            part.copy_from_slice(&names::random().to_le_bytes());
        }
        Key { id: names::unique("key"), key: SigningKey::from_bytes(&seed) }
    }

    fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.id, "use": "sig", "alg": "EdDSA" })
    }
}

impl Issuer {
    /// With one key, whose JWKS is in a file.
    pub fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("a folder for the JWKS")?;
        let file = folder.path().join("jwks.json");
        let issuer = Issuer { keys: vec![Key::new()], file, _folder: folder };
        issuer.publish()?;
        Ok(issuer)
    }

    /// The public keys, as the user service serves them.
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.keys.iter().map(Key::jwk).collect::<Vec<_>>() })
    }

    /// The file they are in.
    pub fn jwks_file(&self) -> &Path {
        &self.file
    }

    /// The public key that signs now, 32 bytes.
    pub fn public_key(&self) -> [u8; 32] {
        self.keys[0].key.verifying_key().to_bytes()
    }

    /// Signs with a new key from now on; the old one stays in the JWKS.
    pub fn rotate(&mut self) -> anyhow::Result<()> {
        self.keys.insert(0, Key::new());
        self.publish()
    }

    /// Takes all keys but the one that signs out of the JWKS.
    pub fn forget_old_keys(&mut self) -> anyhow::Result<()> {
        self.keys.truncate(1);
        self.publish()
    }

    fn publish(&self) -> anyhow::Result<()> {
        // In one step: a service may be reading.
        let next = self.file.with_extension("next");
        std::fs::write(&next, self.jwks().to_string())?;
        Ok(std::fs::rename(next, &self.file)?)
    }

    /// A good token of this user, whose role is `customer`, `staff` or `admin`.
    pub fn token(&self, user_id: impl Display, role: &str) -> String {
        self.draft(user_id, role).signed()
    }

    /// The same before it is signed, to be spoiled.
    pub fn draft(&self, user_id: impl Display, role: &str) -> Draft<'_> {
        let key = &self.keys[0];
        Draft {
            header: json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": key.id }),
            claims: json!({
                "iss": "orderline",
                "aud": "orderline",
                "sub": user_id.to_string(),
                "role": role,
                "sid": "00000000-0000-7000-8000-000000000001",
                "iat": PAST,
                "nbf": PAST,
                "exp": FAR,
                "jti": names::unique("token"),
            }),
            key,
        }
    }
}

/// A token before it is signed.
pub struct Draft<'a> {
    /// Its header.
    pub header: Value,
    /// Its claims.
    pub claims: Value,
    key: &'a Key,
}

impl Draft<'_> {
    /// With this claim; [`Value::Null`] leaves it out.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, name, value.into());
        self
    }

    /// With this field of the header; [`Value::Null`] leaves it out.
    #[must_use]
    pub fn head(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, name, value.into());
        self
    }

    /// Signed by the issuer's key, whatever the header says.
    pub fn signed(&self) -> String {
        self.signed_by(|message| self.key.key.sign(message).to_bytes().to_vec())
    }

    /// With the signature that this makes of header and claims.
    pub fn signed_by(&self, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&self.header), part(&self.claims));
        let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
        format!("{message}.{signature}")
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    let Some(object) = object.as_object_mut() else { return };
    match value {
        Value::Null => object.remove(name),
        value => object.insert(name.to_owned(), value),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Signature;

    #[test]
    fn a_token_is_signed_with_the_key_in_the_file() -> anyhow::Result<()> {
        let mut issuer = Issuer::new()?;
        issuer.rotate()?;
        let token = issuer.token("0190b6ac-0000-7000-8000-000000000001", "staff");
        let (message, signature) = token.rsplit_once('.').context("three parts")?;
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature)?)?;
        issuer.keys[0].key.verifying_key().verify_strict(message.as_bytes(), &signature)?;
        let file: Value = serde_json::from_slice(&std::fs::read(issuer.jwks_file())?)?;
        assert_eq!(file, issuer.jwks());
        assert_eq!(file["keys"].as_array().map(Vec::len), Some(2));
        Ok(())
    }
}
