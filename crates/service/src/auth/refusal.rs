//! Why a caller is not let in.

use axum::http::StatusCode;

use crate::http::Problem;

/// The classes of reasons. Each is a type of problem; what was in the token is told to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NotSignedIn,
    Malformed,
    TooLong,
    Algorithm,
    Type,
    Key,
    Signature,
    Issuer,
    Audience,
    Claims,
    Expired,
    NotYetValid,
    /// No keys have ever been had: nobody can be known.
    NoKeys,
}

impl Refusal {
    /// The word at the end of the problem's type.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Refusal::NotSignedIn => "not-signed-in",
            Refusal::Malformed => "token-malformed",
            Refusal::TooLong => "token-too-long",
            Refusal::Algorithm => "token-algorithm",
            Refusal::Type => "token-type",
            Refusal::Key => "token-key",
            Refusal::Signature => "token-signature",
            Refusal::Issuer => "token-issuer",
            Refusal::Audience => "token-audience",
            Refusal::Claims => "token-claims",
            Refusal::Expired => "token-expired",
            Refusal::NotYetValid => "token-not-yet-valid",
            Refusal::NoKeys => "unavailable",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Refusal::NotSignedIn => {
                "Sign in at the user service, and send its access token: `Authorization: Bearer …`."
            }
            Refusal::Malformed => "The access token is none: it is not a signed JWT.",
            Refusal::TooLong => "The access token is longer than any that is issued here.",
            Refusal::Algorithm => "The access token is signed by another algorithm than EdDSA.",
            Refusal::Type => "This token is no access token: its `typ` is not at+jwt.",
            Refusal::Key => "The access token is signed by a key that is not known here.",
            Refusal::Signature => "The access token's signature is wrong.",
            Refusal::Issuer => "The access token is another issuer's.",
            Refusal::Audience => "The access token is for another audience.",
            Refusal::Claims => "The access token lacks a claim, or has one of a wrong form.",
            Refusal::Expired => "The access token has expired: get another with the refresh token.",
            Refusal::NotYetValid => "The access token is not valid yet: is a clock wrong?",
            Refusal::NoKeys => {
                "Tokens cannot be verified now, for their keys cannot be had. Send the same request again later."
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoKeys => Problem::unavailable(refusal.detail()),
            Refusal::NotSignedIn => {
                let status = StatusCode::UNAUTHORIZED;
                Problem::new(status, refusal.kind(), refusal.detail()).challenge("Bearer")
            }
            bad => {
                tracing::info!(auth.refused = bad.kind(), "a token was refused");
                Problem::new(StatusCode::UNAUTHORIZED, bad.kind(), bad.detail())
                    .challenge("Bearer error=\"invalid_token\"")
            }
        }
    }
}
