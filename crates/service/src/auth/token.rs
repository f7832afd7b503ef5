//! An access token, from the header it came in to the caller it names.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use pipeline::Clock;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::caller::{Caller, Role};
use super::crypto::use_ed25519;
use super::keys::Keys;
use super::limit::RateLimit;
use super::refusal::Refusal;
use crate::settings::Callers;

/// Whom access tokens are for: the claim `aud`.
pub const AUDIENCE: &str = "orderline";
/// The header's `typ` (RFC 9068).
pub const TOKEN_TYPE: &str = "at+jwt";
/// Bytes of a token.
pub const LONGEST: usize = 4 << 10;
/// Seconds by which clocks may differ.
pub const LEEWAY: i64 = 30;

/// What an access token says. All of it has to be there; times are seconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// [`AUDIENCE`].
    pub aud: String,
    /// The user.
    pub sub: Uuid,
    /// What the user may do.
    pub role: Role,
    /// The session: the family of refresh tokens.
    pub sid: Uuid,
    /// When it was issued.
    pub iat: i64,
    /// From when on it is valid.
    pub nbf: i64,
    /// From when on it is not any more.
    pub exp: i64,
    /// The token itself.
    pub jti: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    /// Extensions that the reader has to understand: none are understood here.
    crit: Option<serde_json::Value>,
}

/// What verifies access tokens.
pub struct Tokens {
    keys: Arc<Keys>,
    clock: Clock,
    validation: Validation,
    /// Whom an `X-Forwarded-For` is believed.
    pub(super) trusted_proxies: Vec<super::Network>,
    /// How often one account may change something.
    pub(super) writes: RateLimit,
}

impl Tokens {
    /// Nothing is asked for before the first token.
    pub fn new(settings: &Callers, clock: Clock) -> anyhow::Result<Self> {
        use_ed25519();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&settings.token_issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "nbf", "exp"]);
        // By our own clock, which is a parameter; the library knows the machine's alone.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        Ok(Tokens {
            keys: Arc::new(Keys::new(settings.jwks.clone(), clock.clone())?),
            clock,
            validation,
            trusted_proxies: settings.trusted_proxies.clone(),
            writes: RateLimit::new(settings.writes_per_account),
        })
    }

    /// Whom this token names, if it is good.
    pub(super) async fn verify(&self, token: &str) -> Result<Caller, Refusal> {
        if token.len() > LONGEST {
            return Err(Refusal::TooLong);
        }
        let header = header(token).ok_or(Refusal::Malformed)?;
        if header.alg != "EdDSA" {
            return Err(Refusal::Algorithm);
        }
        if !header.typ.is_some_and(|typ| typ.eq_ignore_ascii_case(TOKEN_TYPE)) {
            return Err(Refusal::Type);
        }
        if header.crit.is_some() {
            return Err(Refusal::Malformed);
        }
        let key = self.keys.find(&header.kid.ok_or(Refusal::Key)?).await?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &self.validation)
            .map_err(|error| class(error.kind()))?
            .claims;
        let now = self.clock.now_micros().div_euclid(1_000_000);
        let until = claims.exp.saturating_add(LEEWAY);
        if now >= until {
            return Err(Refusal::Expired);
        }
        if now < claims.nbf.saturating_sub(LEEWAY) {
            return Err(Refusal::NotYetValid);
        }
        let until_micros = until.saturating_mul(1_000_000);
        Ok(Caller { user_id: claims.sub, role: claims.role, session: claims.sid, until_micros })
    }
}

fn header(token: &str) -> Option<Header> {
    let (header, rest) = token.split_once('.')?;
    if rest.split('.').count() != 2 {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()
}

fn class(kind: &ErrorKind) -> Refusal {
    match kind {
        ErrorKind::InvalidSignature => Refusal::Signature,
        ErrorKind::InvalidIssuer => Refusal::Issuer,
        ErrorKind::InvalidAudience => Refusal::Audience,
        ErrorKind::InvalidAlgorithm => Refusal::Algorithm,
        ErrorKind::Json(_)
        | ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_) => Refusal::Claims,
        _ => Refusal::Malformed,
    }
}

/// The token that a request brings.
pub(super) fn presented(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let value = all.next().ok_or(Refusal::NotSignedIn)?;
    if all.next().is_some() {
        return Err(Refusal::Malformed);
    }
    let value = value.to_str().map_err(|_| Refusal::Malformed)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::NotSignedIn);
    }
    Ok(token.trim())
}
