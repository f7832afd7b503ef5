//! One key pair of Ed25519: made, kept, shown and used.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use openssl::sha::sha256;
use serde::Serialize;
use utoipa::ToSchema;

use super::KeyError;
use super::seal::Seal;
use crate::domain::Standing;
use crate::store::keys::KeyRow;

/// The public halves of the keys (RFC 7517).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Jwks {
    pub(crate) keys: Vec<Jwk>,
}

/// The public half of a key (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Jwk {
    /// `OKP`
    kty: &'static str,
    /// `Ed25519`
    crv: &'static str,
    /// The key: 32 bytes as base64url.
    x: String,
    /// Its name, in the header of the tokens that it signs.
    pub(crate) kid: String,
    /// `sig`
    r#use: &'static str,
    /// `EdDSA`
    alg: &'static str,
}

/// A key as it is used. It does not print.
pub(super) struct Key {
    pub(super) standing: Standing,
    kid: String,
    public: String,
    /// None of a key that signs no more.
    private: Option<EncodingKey>,
}

impl Key {
    /// A new pair, as it is kept.
    pub(super) fn make(standing: Standing, seal: &Seal) -> Result<KeyRow, KeyError> {
        let mut seed = [0; 32];
        openssl::rand::rand_priv_bytes(&mut seed)?;
        let public = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key());
        let kid = thumbprint(&public);
        let private = seal.close(&seed, &kid)?;
        Ok(KeyRow { standing, kid, public, private })
    }

    /// A pair as it was kept.
    pub(super) fn open(row: &KeyRow, seal: &Seal) -> Result<Self, KeyError> {
        let KeyRow { standing, kid, public, private } = row.clone();
        let damaged = || KeyError::Damaged(row.kid.clone());
        let private = if standing.silent {
            None
        } else {
            let seed = seal.open(&private, &kid)?;
            let seed: [u8; 32] = seed.try_into().map_err(|_| damaged())?;
            let own = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key());
            if own != public {
                return Err(damaged());
            }
            Some(EncodingKey::from_ed_der(&seed))
        };
        Ok(Key { standing, kid, public, private })
    }

    /// These claims as a signed JWT.
    pub(super) fn sign(&self, kind: &str, claims: &impl Serialize) -> Result<String, String> {
        let private = self.private.as_ref().ok_or("the key that is to sign has no private half")?;
        let header = Header {
            typ: Some(kind.to_owned()),
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, private).map_err(|error| error.to_string())
    }

    pub(super) fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP",
            crv: "Ed25519",
            x: self.public.clone(),
            kid: self.kid.clone(),
            r#use: "sig",
            alg: "EdDSA",
        }
    }
}

/// A key's name follows from the key (RFC 7638, and RFC 8037 for what goes into it).
fn thumbprint(x: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(sha256(canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keys_name_is_its_thumbprint() {
        // The example of RFC 8037, appendix A.3.
        let name = thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(name, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_that_does_not_fit_its_public_half_is_damaged() {
        let seal = Seal::none();
        let standing = Standing { number: 1, signs_from: 0, silent: false };
        let row = Key::make(standing, &seal).unwrap();
        assert!(Key::open(&row, &seal).is_ok());
        let mut other = Key::make(standing, &seal).unwrap();
        other.public = row.public;
        assert!(matches!(Key::open(&other, &seal), Err(KeyError::Damaged(_))));
    }
}
