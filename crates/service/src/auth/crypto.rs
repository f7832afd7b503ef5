//! The cryptography behind tokens: Ed25519, and nothing else.
//!
//! `jsonwebtoken` lets a program bring its own. This one knows no other algorithm, so that no
//! token's header can choose one, and it brings neither RSA nor a C library along.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use signature::Error as SignatureError;

/// Makes `jsonwebtoken` sign and verify with Ed25519 in this process. An encoding key is made with
/// `EncodingKey::from_ed_der` of the 32 bytes of the secret seed, a decoding key of those of the
/// public key; neither is DER. May be called as often as one likes.
pub fn use_ed25519() {
    // Refused only when one is installed already: this one, for nobody else installs any.
    let _ = PROVIDER.install_default();
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

struct Signs(SigningKey);
struct Verifies(VerifyingKey);

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    if (*algorithm, key.family()) != (Algorithm::EdDSA, AlgorithmFamily::Ed) {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let seed = key.as_bytes().try_into().map_err(|_| ErrorKind::InvalidEddsaKey)?;
    Ok(Box::new(Signs(SigningKey::from_bytes(seed))))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    if (*algorithm, key.family()) != (Algorithm::EdDSA, AlgorithmFamily::Ed) {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    public(key.try_get_as_bytes()?)
        .map(|key| Box::new(Verifies(key)) as Box<dyn JwtVerifier>)
        .ok_or_else(|| ErrorKind::InvalidEddsaKey.into())
}

/// The public key in these bytes. A weak one, under which one signature fits many messages, is none.
pub(super) fn public(bytes: &[u8]) -> Option<VerifyingKey> {
    let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
    (!key.is_weak()).then_some(key)
}

impl signature::Signer<Vec<u8>> for Signs {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.sign(message).to_bytes().to_vec())
    }
}

impl JwtSigner for Signs {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

impl signature::Verifier<Vec<u8>> for Verifies {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let signature = Signature::from_slice(signature).map_err(|_| SignatureError::new())?;
        self.0.verify_strict(message, &signature).map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for Verifies {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}
