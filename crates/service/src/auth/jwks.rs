//! Keys as a JWKS has them (RFC 7517, RFC 8037).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;

use super::crypto;

/// More keys than this are not looked at: a current, a next and a previous one are published.
const MOST: usize = 32;

/// Public keys by their ids.
pub(super) type KeysById = HashMap<String, DecodingKey>;

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    crv: String,
    x: String,
    kid: String,
    #[serde(rename = "use")]
    used_for: Option<String>,
    alg: Option<String>,
}

/// The keys that tokens can be signed with. A key of another kind is passed over, for a JWKS may hold
/// keys for others; one with none of ours is an error.
pub(super) fn read(text: &[u8]) -> Result<KeysById, String> {
    let jwks: Jwks = serde_json::from_slice(text).map_err(|e| format!("it is no JWKS: {e}"))?;
    let keys: KeysById =
        jwks.keys.into_iter().take(MOST).filter_map(|key| of_ours(key).ok()?).collect();
    if keys.is_empty() {
        return Err("it holds no Ed25519 key (kty OKP, crv Ed25519, use sig, with a kid)".into());
    }
    Ok(keys)
}

fn of_ours(key: serde_json::Value) -> Result<Option<(String, DecodingKey)>, serde_json::Error> {
    let key: Key = serde_json::from_value(key)?;
    let signs = key.used_for.is_none_or(|used| used == "sig");
    let ed25519 = key.kty == "OKP"
        && key.crv == "Ed25519"
        && key.alg.is_none_or(|alg| alg == "EdDSA" || alg == "Ed25519");
    if !(signs && ed25519) {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(key.x).ok();
    let public = bytes.and_then(|bytes| crypto::public(&bytes));
    Ok(public.map(|public| (key.kid, DecodingKey::from_ed_der(public.as_bytes()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.2.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ids(keys: &str) -> Result<Vec<String>, String> {
        let keys = read(format!(r#"{{"keys":[{keys}]}}"#).as_bytes())?;
        let mut ids: Vec<_> = keys.into_keys().collect();
        ids.sort();
        Ok(ids)
    }

    #[test]
    fn keys_for_others_are_passed_over() {
        let ours = format!(
            r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","kid":"1","use":"sig","alg":"EdDSA"}}"#
        );
        let bare = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","kid":"2"}}"#);
        let others = [
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"3"}"#.to_owned(),
            format!(r#"{{"kty":"OKP","crv":"X25519","x":"{X}","kid":"4"}}"#),
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","kid":"5","use":"enc"}}"#),
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}","kid":"6","alg":"HS256"}}"#),
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}"}}"#),
            r#"{"kty":"OKP","crv":"Ed25519","x":"AQAB","kid":"7"}"#.to_owned(),
            "7".to_owned(),
        ];
        let all = [vec![ours, bare], others.to_vec()].concat().join(",");
        assert_eq!(ids(&all), Ok(vec!["1".to_owned(), "2".to_owned()]));
        for other in others {
            assert!(ids(&other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_weak_key_is_none() {
        let identity = URL_SAFE_NO_PAD.encode([&[1][..], &[0; 31]].concat());
        let weak = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{identity}","kid":"1"}}"#);
        assert!(ids(&weak).is_err());
    }
}
