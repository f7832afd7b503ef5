use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::problem::Problem;

/// What a client tells repeats of a request by, from the header `Idempotency-Key`. It is the user's
/// own: another user's same key is another key. A request without one is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(key) = parts.headers.get("idempotency-key") else {
            return Err(Problem::bad_request(
                "The header Idempotency-Key is missing: send one made for this request, and the same when it is tried again.",
            ));
        };
        let key = key.to_str().unwrap_or_default();
        let is_key = (1..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if !is_key {
            let problem = "must be 1 to 200 visible ASCII characters";
            return Err(Problem::field("Idempotency-Key", problem));
        }
        Ok(IdempotencyKey(key.to_owned()))
    }
}

impl IdempotencyKey {
    /// 409: the key has been used for something else by this user.
    pub fn reused(&self) -> Problem {
        Problem::conflict(
            "idempotency-key-reused",
            "This user has sent another request under this Idempotency-Key already: a new request needs a new key.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn key(value: Option<&str>) -> Result<IdempotencyKey, u16> {
        let request = Request::builder();
        let request = value.into_iter().fold(request, |r, v| r.header("Idempotency-Key", v));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let key = IdempotencyKey::from_request_parts(&mut parts, &()).await;
        key.map_err(|problem| problem.status().as_u16())
    }

    #[tokio::test]
    async fn a_key_is_visible_and_not_too_long() {
        assert_eq!(key(Some("a-1")).await, Ok(IdempotencyKey("a-1".into())));
        assert_eq!(key(None).await, Err(400));
        for wrong in ["", "a b", "\u{e9}", &"x".repeat(201)] {
            assert_eq!(key(Some(wrong)).await, Err(422), "{wrong}");
        }
    }
}
