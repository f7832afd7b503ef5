//! Whether a webhook is signed as Stripe signs: `Stripe-Signature: t=SECONDS,v1=HEX[,v1=HEX…]`, the
//! HMAC-SHA256 of the time, a dot and the body as it came.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shop_service::Secret;

/// How old or how far ahead a signature may be, in seconds.
const TOLERANCE: i64 = 300;
/// Bytes of the header: some signatures, while a secret is changed.
const HEADER: usize = 2_000;

/// Why a webhook is not taken for the provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forged {
    /// No header, or none that can be read.
    Unsigned,
    /// No signature in it is ours.
    Wrong,
    /// It was signed too long ago, or in the future.
    Old,
}

/// Whether this body was signed with this secret, and just now.
pub(super) fn verify(
    secret: &Secret,
    header: Option<&str>,
    body: &[u8],
    now_seconds: i64,
) -> Result<(), Forged> {
    let header = header.filter(|header| header.len() <= HEADER).ok_or(Forged::Unsigned)?;
    let mut signed_at = None;
    let mut signatures = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" => signed_at = Some(value),
            "v1" => signatures.extend(bytes(value)),
            _ => {}
        }
    }
    let signed_at = signed_at.ok_or(Forged::Unsigned)?;
    let seconds: i64 = signed_at.parse().map_err(|_| Forged::Unsigned)?;
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return Err(Forged::Wrong);
    };
    mac.update(signed_at.as_bytes());
    mac.update(b".");
    mac.update(body);
    // `verify_slice` takes the same time wherever they differ.
    let ours = |signature: &Vec<u8>| mac.clone().verify_slice(signature).is_ok();
    if !signatures.iter().any(ours) {
        return Err(Forged::Wrong);
    }
    let age = now_seconds.saturating_sub(seconds);
    if age.saturating_abs() > TOLERANCE { Err(Forged::Old) } else { Ok(()) }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '1772668800.{"a":1}' | openssl dgst -sha256 -hmac whsec_test`
    const GOOD: &str = "840637fef08b3bb0d8d1af34176af9cbbe3c056d59b859218262cf7f6a54e552";
    const AT: i64 = 1_772_668_800;

    fn of(header: &str, body: &str, now: i64) -> Result<(), Forged> {
        verify(&Secret::from("whsec_test"), Some(header), body.as_bytes(), now)
    }

    #[test]
    fn a_body_that_was_signed_just_now_is_taken() {
        let body = r#"{"a":1}"#;
        assert_eq!(of(&format!("t={AT},v1={GOOD}"), body, AT), Ok(()));
        // While a secret is changed there are two; other schemes are passed over.
        let other = "0".repeat(64);
        let many = format!("t={AT}, v1={other}, v0={other}, v1={GOOD}");
        assert_eq!(of(&many, body, AT + 299), Ok(()));
    }

    #[test]
    fn whatever_was_changed_is_seen() {
        let body = r#"{"a":1}"#;
        let good = format!("t={AT},v1={GOOD}");
        assert_eq!(of(&good, r#"{"a":2}"#, AT), Err(Forged::Wrong));
        assert_eq!(of(&format!("t={},v1={GOOD}", AT + 1), body, AT), Err(Forged::Wrong));
        assert_eq!(of(&format!("t={AT},v0={GOOD}"), body, AT), Err(Forged::Wrong));
        assert_eq!(of(&format!("t={AT},v1={}", &GOOD[..62]), body, AT), Err(Forged::Wrong));
        assert_eq!(of(&format!("t={AT},v1="), body, AT), Err(Forged::Wrong));
        assert_eq!(of(&format!("t={AT},v1={}", "é".repeat(32)), body, AT), Err(Forged::Wrong));
        let secret = Secret::from("whsec_other");
        assert_eq!(verify(&secret, Some(&good), body.as_bytes(), AT), Err(Forged::Wrong));
    }

    #[test]
    fn a_signature_is_good_for_five_minutes() {
        let good = format!("t={AT},v1={GOOD}");
        for (now, taken) in
            [(AT + 300, true), (AT + 301, false), (AT - 300, true), (AT - 301, false)]
        {
            let expected = if taken { Ok(()) } else { Err(Forged::Old) };
            assert_eq!(of(&good, r#"{"a":1}"#, now), expected, "{now}");
        }
    }

    #[test]
    fn a_header_that_says_nothing_is_no_signature() {
        let long = format!("t={AT},v1={GOOD},{}", "v1=0,".repeat(1_000));
        for header in ["", "t=", "t=x,v1=0", "v1=0", "t", "=", long.as_str()] {
            assert_eq!(of(header, "", AT), Err(Forged::Unsigned), "{header}");
        }
        assert_eq!(verify(&Secret::from("x"), None, b"", AT), Err(Forged::Unsigned));
    }
}
