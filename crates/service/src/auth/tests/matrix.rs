//! Every way in which a token can be wrong is refused, and says which.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use pipeline::Clock;
use serde_json::{Value, json};
use sha2::Sha256;
use shop_testkit::tokens::{Draft, Issuer};
use uuid::Uuid;

use super::{NOW, app, file_of, get, send};

const SECOND: i64 = 1_000_000;

fn user() -> Uuid {
    Uuid::from_u128(7)
}

/// HMAC-SHA256 with the public key as the secret: what a verifier that believes the header's `alg`
/// would take.
fn hs256(draft: &Draft<'_>, secret: &[u8]) -> String {
    draft.signed_by(|message| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    })
}

#[tokio::test]
async fn a_good_token_passes_and_each_bad_one_is_refused_with_its_reason() {
    let issuer = Issuer::new().unwrap();
    let stranger = Issuer::new().unwrap();
    let app = app(file_of(&issuer), &Clock::manual(NOW));
    let good = issuer.token(user(), "customer");
    let answer = get(&app, "/me", Some(&good)).await;
    assert_eq!((answer.status.as_u16(), answer.body), (200, json!(format!("{} customer", user()))));

    let now = NOW / SECOND;
    let draft = || issuer.draft(user(), "customer");
    let with = |claim: &str, value: Value| draft().claim(claim, value).signed();
    let own_kid = draft().header["kid"].clone();
    let (head, rest) = good.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let other_claims = URL_SAFE_NO_PAD.encode(issuer.draft(user(), "admin").claims.to_string());
    let public = issuer.public_key();
    let public_text = issuer.jwks()["keys"][0]["x"].as_str().unwrap().to_owned();
    let none = |alg: &str| draft().head("alg", alg).signed_by(|_| Vec::new());
    let mut cases = vec![
        // The algorithm is not the token's to choose.
        ("token-algorithm", "alg none, unsigned", none("none")),
        ("token-algorithm", "alg None, unsigned", none("None")),
        ("token-algorithm", "alg NONE, unsigned", none("NONE")),
        ("token-algorithm", "alg none, signed", draft().head("alg", "none").signed()),
        (
            "token-algorithm",
            "HS256 by the public key",
            hs256(&draft().head("alg", "HS256"), &public),
        ),
        (
            "token-algorithm",
            "HS256 by the public key's text",
            hs256(&draft().head("alg", "HS256"), public_text.as_bytes()),
        ),
        ("token-algorithm", "alg RS256", draft().head("alg", "RS256").signed()),
        ("token-algorithm", "alg eddsa", draft().head("alg", "eddsa").signed()),
        ("token-malformed", "no alg", draft().head("alg", Value::Null).signed()),
        // The signature.
        ("token-signature", "HS256 that says EdDSA", hs256(&draft(), &public)),
        ("token-signature", "no signature", draft().signed_by(|_| Vec::new())),
        ("token-signature", "zeros", draft().signed_by(|_| vec![0; 64])),
        (
            "token-signature",
            "another key's, under this id",
            stranger.draft(user(), "admin").head("kid", own_kid.clone()).signed(),
        ),
        ("token-signature", "other claims", format!("{head}.{other_claims}.{signature}")),
        // The key.
        ("token-key", "unknown kid", draft().head("kid", "unknown").signed()),
        ("token-key", "no kid", draft().head("kid", Value::Null).signed()),
        ("token-key", "a stranger's", stranger.token(user(), "customer")),
        ("token-malformed", "kid as a number", draft().head("kid", 1).signed()),
        // The type.
        ("token-type", "typ JWT", draft().head("typ", "JWT").signed()),
        ("token-type", "no typ", draft().head("typ", Value::Null).signed()),
        ("token-malformed", "crit", draft().head("crit", json!(["exp"])).signed()),
        // The times.
        ("token-expired", "exp past", with("exp", json!(now - 31))),
        ("token-expired", "exp zero", with("exp", json!(0))),
        ("token-claims", "exp negative", with("exp", json!(-1))),
        ("token-not-yet-valid", "nbf ahead", with("nbf", json!(now + 31))),
        ("token-not-yet-valid", "nbf far ahead", with("nbf", json!(i64::MAX))),
        ("token-claims", "exp as a string", with("exp", json!("4102444800"))),
        ("token-claims", "exp as a word", with("exp", json!("never"))),
        ("token-claims", "nbf as a string", with("nbf", json!("0"))),
        ("token-claims", "nbf as null", draft_with_null(&issuer, "nbf")),
        ("token-claims", "exp as a list", with("exp", json!([4_102_444_800_i64]))),
        ("token-claims", "exp beyond numbers", with("exp", json!(1e300))),
        // Who and for whom.
        ("token-issuer", "another issuer", with("iss", json!("someone-else"))),
        ("token-audience", "another audience", with("aud", json!("another-shop"))),
        ("token-claims", "iss as a list", with("iss", json!(["orderline"]))),
        ("token-claims", "sub is no UUID", with("sub", json!("ada"))),
        ("token-claims", "role unknown", with("role", json!("root"))),
        ("token-claims", "role as a list", with("role", json!(["admin"]))),
        ("token-claims", "sid is no UUID", with("sid", json!("1"))),
        // The form.
        ("token-malformed", "empty", String::new()),
        ("token-malformed", "garbage", "garbage".into()),
        ("token-malformed", "two parts", format!("{head}.{claims}")),
        ("token-malformed", "four parts", format!("{good}.{signature}")),
        ("token-malformed", "header is no base64", format!("!!.{claims}.{signature}")),
        ("token-malformed", "header is no JSON", format!("{claims}x.{claims}.{signature}")),
        (
            "token-malformed",
            "header is a list",
            format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode("[]")),
        ),
        ("token-malformed", "signature is no base64", format!("{head}.{claims}.!!")),
        ("token-signature", "claims cut short", format!("{head}.{}.{signature}", &claims[1..])),
        ("token-too-long", "too long", with("jti", json!("x".repeat(4_096)))),
        ("token-too-long", "very long", "x".repeat(60_000)),
    ];
    for claim in ["iss", "aud", "sub", "role", "sid", "iat", "nbf", "exp", "jti"] {
        cases.push(("token-claims", claim, with(claim, Value::Null)));
    }
    let mut faults = Vec::new();
    for (kind, what, token) in cases {
        let answer = get(&app, "/me", Some(&token)).await;
        let got = (answer.status.as_u16(), answer.kind());
        if got != (401, kind) {
            faults.push(format!("{what}: {got:?} is not 401 {kind}"));
            continue;
        }
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        assert_eq!(challenge, "Bearer error=\"invalid_token\"", "{what}");
        let told = answer.body.to_string();
        assert!(token.is_empty() || !told.contains(&token), "{what}: {told}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn draft_with_null(issuer: &Issuer, claim: &str) -> String {
    let mut draft = issuer.draft(user(), "customer");
    draft.claims[claim] = Value::Null;
    draft.signed()
}

#[tokio::test]
async fn clocks_may_differ_by_half_a_minute() {
    let issuer = Issuer::new().unwrap();
    let app = app(file_of(&issuer), &Clock::manual(NOW));
    let now = NOW / SECOND;
    for (claim, value) in [("exp", now - 29), ("nbf", now + 30)] {
        let token = issuer.draft(user(), "customer").claim(claim, value).signed();
        assert_eq!(get(&app, "/me", Some(&token)).await.status, 200, "{claim}");
    }
}

#[tokio::test]
async fn a_token_is_taken_from_one_header_of_its_form_alone() {
    use axum::body::Body;
    use axum::http::Request;
    let issuer = Issuer::new().unwrap();
    let app = app(file_of(&issuer), &Clock::manual(NOW));
    let good = issuer.token(user(), "customer");
    let ask = async |values: &[String]| {
        let mut request = Request::get("/me");
        for value in values {
            request = request.header("authorization", value);
        }
        let answer = send(&app, request.body(Body::empty()).unwrap()).await;
        (answer.status.as_u16(), answer.kind().to_owned())
    };
    let bearer = format!("Bearer {good}");
    assert_eq!(ask(&[format!("bearer {good}")]).await.0, 200);
    for (kind, values) in [
        ("not-signed-in", vec![]),
        ("not-signed-in", vec![good.clone()]),
        ("not-signed-in", vec!["Basic YWRhOmFkYQ==".into()]),
        ("token-malformed", vec!["Bearer".into()]),
        ("token-malformed", vec![bearer.clone(), bearer.clone()]),
        ("token-malformed", vec![format!("{bearer}, {bearer}")]),
    ] {
        assert_eq!(ask(&values).await, (401, kind.to_owned()), "{values:?}");
    }
    assert_eq!(get(&app, &format!("/me?access_token={good}"), None).await.status, 401);
}
