//! A message that its device alone can read: RFC 8291, in one record of RFC 8188 (`aes128gcm`).

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Key, Nonce};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use hkdf::Hkdf;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey, ecdh};
use sha2::Sha256;

use crate::people::Device;

/// Bytes of an encrypted message: what every push service takes (RFC 8030, 7.2).
pub(crate) const WHOLE: usize = 4_096;
/// Salt, record size, length of the key, the key.
const HEADER: usize = 16 + 4 + 1 + 65;
/// Bytes that can be encrypted: the delimiter and the tag go with them.
pub(crate) const LARGEST: usize = WHOLE - HEADER - 1 - 16;
/// Ends the last record.
const DELIMITER: u8 = 2;

/// Some libraries write base64url with padding, most without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why nothing can be encrypted for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("its public key is no point of P-256")]
    PublicKey,
    #[error("its secret is not 16 bytes")]
    Secret,
    #[error("the message is too long")]
    TooLong,
    #[error("there is no randomness")]
    Random,
}

/// Encrypts under a key and a salt that are used this once.
pub(crate) fn encrypt(device: &Device, plain: &[u8]) -> Result<Vec<u8>, Unfit> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| Unfit::Random)?;
    seal(device, plain, &fresh_key().ok_or(Unfit::Random)?, salt)
}

/// A secret key that nobody knows.
pub(crate) fn fresh_key() -> Option<SecretKey> {
    // One in 2^32 draws is no key of the curve.
    (0..8).find_map(|_| {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        SecretKey::from_slice(&bytes).ok()
    })
}

fn seal(device: &Device, plain: &[u8], own: &SecretKey, salt: [u8; 16]) -> Result<Vec<u8>, Unfit> {
    if plain.len() > LARGEST {
        return Err(Unfit::TooLong);
    }
    let their_bytes = BASE64.decode(&device.p256dh).map_err(|_| Unfit::PublicKey)?;
    let theirs = PublicKey::from_sec1_bytes(&their_bytes).map_err(|_| Unfit::PublicKey)?;
    let auth = BASE64.decode(&device.auth).map_err(|_| Unfit::Secret)?;
    if auth.len() != 16 {
        return Err(Unfit::Secret);
    }
    let (theirs_point, ours) = (theirs.to_sec1_point(false), own.public_key().to_sec1_point(false));

    let shared = ecdh::diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
    let info = [b"WebPush: info\0", theirs_point.as_bytes(), ours.as_bytes()].concat();
    let material: [u8; 32] = expand(&auth, shared.raw_secret_bytes(), &info);
    let key: [u8; 16] = expand(&salt, &material, b"Content-Encoding: aes128gcm\0");
    let nonce: [u8; 12] = expand(&salt, &material, b"Content-Encoding: nonce\0");

    let padded = [plain, &[DELIMITER]].concat();
    let cipher = Aes128Gcm::new(&Key::<Aes128Gcm>::from(key));
    let record = cipher.encrypt(&Nonce::from(nonce), &padded[..]).map_err(|_| Unfit::TooLong)?;
    let size = u32::try_from(WHOLE).unwrap_or(u32::MAX).to_be_bytes();
    Ok([&salt[..], &size, &[65], ours.as_bytes(), &record].concat())
}

fn expand<const N: usize>(salt: &[u8], material: &[u8], info: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let filled = Hkdf::<Sha256>::new(Some(salt), material).expand(info, &mut out);
    debug_assert!(filled.is_ok(), "N is far below what HKDF can fill");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    /// The example of RFC 8291, appendix A.
    fn device() -> Device {
        Device {
            endpoint: "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV".into(),
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4".into(),
            auth: "BTBZMqHH6r4Tts7J_aSIgg".into(),
        }
    }

    #[test]
    fn the_example_of_the_rfc_is_encrypted_as_there() {
        let own = URL_SAFE_NO_PAD.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let own = SecretKey::from_slice(&own).unwrap();
        let salt = URL_SAFE_NO_PAD.decode("DGv6ra1nlYgDCS1FRnbzlw").unwrap();
        let plain = b"When I grow up, I want to be a watermelon";
        let sealed = seal(&device(), plain, &own, salt.try_into().unwrap()).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn the_largest_message_is_as_large_as_push_services_take() {
        assert_eq!(encrypt(&device(), &[b'x'; LARGEST]).map(|sealed| sealed.len()), Ok(WHOLE));
        assert_eq!(encrypt(&device(), &[b'x'; LARGEST + 1]), Err(Unfit::TooLong));
    }

    #[test]
    fn no_two_encryptions_are_alike() {
        assert_ne!(encrypt(&device(), b"x"), encrypt(&device(), b"x"));
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let no_point = Device { p256dh: URL_SAFE_NO_PAD.encode([4; 65]), ..device() };
        assert_eq!(encrypt(&no_point, b"x"), Err(Unfit::PublicKey));
        let no_text = Device { p256dh: "!".into(), ..device() };
        assert_eq!(encrypt(&no_text, b"x"), Err(Unfit::PublicKey));
        let short = Device { auth: URL_SAFE_NO_PAD.encode([1; 15]), ..device() };
        assert_eq!(encrypt(&short, b"x"), Err(Unfit::Secret));
    }
}
