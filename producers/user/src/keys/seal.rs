//! How private halves are kept: sealed by AES-256-GCM under a secret that is not in the database, so
//! that a copy of that signs nothing; or in the clear, where the operator gives no secret.

use std::sync::Arc;

use argon2::Argon2;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use shop_service::Secret;

use super::KeyError;

const NONCE: usize = 12;
const TAG: usize = 16;
/// How what is kept begins.
const SEALED: &str = "sealed1:";
const CLEAR: &str = "clear1:";
/// Of one secret all instances make one key, so the salt is a constant: it keeps this key apart
/// from others that somebody may make of the same secret.
const SALT: &[u8] = b"orderline user signing keys";

/// What private halves are sealed with. It does not print.
#[derive(Clone)]
pub(crate) struct Seal(Option<Arc<[u8; 32]>>);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Seal(…)" } else { "Seal(none)" })
    }
}

impl Seal {
    /// Keeps them in the clear.
    pub(crate) fn none() -> Self {
        Seal(None)
    }

    /// Under this secret, which need not be random: it is stretched.
    pub(crate) fn under(secret: &Secret) -> Result<Self, argon2::Error> {
        let mut key = [0; 32];
        Argon2::default().hash_password_into(secret.reveal().as_bytes(), SALT, &mut key)?;
        Ok(Seal(Some(Arc::new(key))))
    }

    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn close(&self, private: &[u8], kid: &str) -> Result<String, KeyError> {
        let Some(key) = &self.0 else {
            return Ok(format!("{CLEAR}{}", URL_SAFE_NO_PAD.encode(private)));
        };
        let (mut nonce, mut tag) = ([0; NONCE], [0; TAG]);
        openssl::rand::rand_bytes(&mut nonce)?;
        let cipher = Cipher::aes_256_gcm();
        let sealed = encrypt_aead(cipher, &**key, Some(&nonce), kid.as_bytes(), private, &mut tag)?;
        let all = [&nonce[..], &tag, &sealed].concat();
        Ok(format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(all)))
    }

    /// What was kept in the clear is read also under a secret: from then on new keys are sealed.
    pub(super) fn open(&self, kept: &str, kid: &str) -> Result<Vec<u8>, KeyError> {
        let damaged = || KeyError::Damaged(kid.to_owned());
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged());
        if let Some(text) = kept.strip_prefix(CLEAR) {
            return decode(text);
        }
        let all = decode(kept.strip_prefix(SEALED).ok_or_else(damaged)?)?;
        let (nonce, rest) = all.split_at_checked(NONCE).ok_or_else(damaged)?;
        let (tag, sealed) = rest.split_at_checked(TAG).ok_or_else(damaged)?;
        let closed = || KeyError::Sealed(kid.to_owned());
        let key = self.0.as_ref().ok_or_else(closed)?;
        let cipher = Cipher::aes_256_gcm();
        decrypt_aead(cipher, &**key, Some(nonce), kid.as_bytes(), sealed, tag).map_err(|_| closed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(secret: &str) -> Seal {
        Seal::under(&Secret::from(secret)).unwrap()
    }

    #[test]
    fn what_is_sealed_is_opened_by_the_same_secret_alone() {
        let kept = under("one secret").close(&[7; 32], "kid").unwrap();
        assert_eq!(under("one secret").open(&kept, "kid").unwrap(), [7; 32]);
        for (seal, kid) in
            [(under("another"), "kid"), (under("one secret"), "other"), (Seal::none(), "kid")]
        {
            assert!(matches!(seal.open(&kept, kid), Err(KeyError::Sealed(_))));
        }
        assert!(!kept.contains(&URL_SAFE_NO_PAD.encode([7; 32])[..20]));
    }

    #[test]
    fn what_was_kept_in_the_clear_can_be_read_under_a_secret_given_later() {
        let kept = Seal::none().close(&[7; 32], "kid").unwrap();
        assert_eq!(under("one secret").open(&kept, "kid").unwrap(), [7; 32]);
    }

    #[test]
    fn a_damaged_row_is_an_error_and_no_panic() {
        for kept in ["", "sealed1:", "sealed1:AAAA", "clear1:!", "what"] {
            assert!(matches!(Seal::none().open(kept, "kid"), Err(KeyError::Damaged(_))), "{kept}");
        }
    }

    #[test]
    fn a_secret_does_not_print() {
        assert!(!format!("{:?}", under("hunter2")).contains("hunter2"));
    }
}
