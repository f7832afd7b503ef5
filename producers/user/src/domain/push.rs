//! Where push messages go: Web Push subscriptions, as a browser's `PushSubscription.toJSON()` gives them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use shop_service::http::FieldError;
use url::{Host, Url};
use utoipa::ToSchema;

/// Subscriptions of one user.
pub(crate) const SUBSCRIPTIONS: usize = 10;
const ENDPOINT: usize = 1_024;

/// A device, or a browser of it, that push messages go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscription {
    /// The push service's URL for this device.
    #[schema(example = "https://push.example.net/send/c2f0")]
    pub(crate) endpoint: String,
    pub(crate) keys: Keys,
    /// Browsers send it; it is not kept.
    #[serde(rename = "expirationTime", default, skip_serializing)]
    #[schema(value_type = Option<i64>)]
    expiration: Ignored,
}

/// What messages to a device are encrypted with (RFC 8291).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    /// The device's public key: a point of P-256, base64url.
    pub(crate) p256dh: String,
    /// The secret shared with the device: 16 bytes, base64url.
    pub(crate) auth: String,
}

/// A value of any kind that is not looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| Ignored)
    }
}

impl Subscription {
    /// As it stands in `push_tokens` of the records: the JSON of `endpoint` and `keys`.
    pub(crate) fn token(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn wrong(&self) -> Option<(&'static str, &'static str)> {
        if let Some(problem) = wrong_endpoint(&self.endpoint) {
            return Some(("endpoint", problem));
        }
        // A point that is not compressed: 4, x and y.
        if !BASE64.decode(&self.keys.p256dh).is_ok_and(|key| key.len() == 65 && key[0] == 4) {
            return Some(("keys.p256dh", "must be an uncompressed point of P-256 as base64url"));
        }
        if !BASE64.decode(&self.keys.auth).is_ok_and(|secret| secret.len() == 16) {
            return Some(("keys.auth", "must be 16 bytes as base64url"));
        }
        None
    }
}

/// A push service is asked by https. By http it may be asked on this machine alone, for
/// development; whether such an address is asked at all is decided where messages are sent.
fn wrong_endpoint(endpoint: &str) -> Option<&'static str> {
    const WRONG: Option<&str> = Some("must be the https:// URL of a push service");
    if endpoint.len() > ENDPOINT {
        return Some("must be at most 1024 bytes");
    }
    if endpoint.bytes().any(|b| !b.is_ascii_graphic()) {
        return WRONG;
    }
    let Ok(url) = Url::parse(endpoint) else { return WRONG };
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return WRONG,
    };
    let is_one = url.scheme() == "https" || (url.scheme() == "http" && here);
    if is_one && url.username().is_empty() && url.password().is_none() { None } else { WRONG }
}

/// What is wrong with a user's subscriptions, under the name of the field that they came in.
pub(crate) fn wrong_subscriptions(field: &str, subscriptions: &[Subscription]) -> Vec<FieldError> {
    if subscriptions.len() > SUBSCRIPTIONS {
        let problem = format!("are {}, and may be {SUBSCRIPTIONS}", subscriptions.len());
        return vec![FieldError::new(field, problem)];
    }
    let mut wrong = Vec::new();
    for (i, subscription) in subscriptions.iter().enumerate() {
        if let Some((part, problem)) = subscription.wrong() {
            wrong.push(FieldError::new(format!("{field}[{i}].{part}"), problem));
        } else if subscriptions[..i].iter().any(|s| s.endpoint == subscription.endpoint) {
            let path = format!("{field}[{i}].endpoint");
            wrong.push(FieldError::new(path, "is in the list already"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(endpoint: &str) -> Subscription {
        let point = [&[4][..], &[7; 64]].concat();
        let keys = Keys { p256dh: BASE64.encode(point), auth: BASE64.encode([1; 16]) };
        Subscription { endpoint: endpoint.into(), keys, expiration: Ignored }
    }

    fn wrong(subscriptions: &[Subscription]) -> Vec<String> {
        let wrong = wrong_subscriptions("push", subscriptions);
        wrong.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn what_a_browser_gives_is_taken_and_published_without_what_nobody_needs() {
        let key = BASE64.encode([&[4][..], &[7; 64]].concat());
        let text = format!(
            r#"{{"endpoint":"https://push.example.net/1","expirationTime":null,
                "keys":{{"p256dh":"{key}","auth":"AQEBAQEBAQEBAQEBAQEBAQ"}}}}"#
        );
        let given: Subscription = serde_json::from_str(&text).unwrap();
        assert_eq!(wrong(std::slice::from_ref(&given)), Vec::<String>::new());
        let token: serde_json::Value = serde_json::from_str(&given.token()).unwrap();
        let fields: Vec<_> = token.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["endpoint", "keys"]);
    }

    #[test]
    fn an_endpoint_is_a_push_services_url() {
        for good in ["https://push.example.net/a?b=c", "http://127.0.0.1:9/x", "http://[::1]:9/x"] {
            assert_eq!(wrong(&[subscription(good)]), Vec::<String>::new(), "{good}");
        }
        let long = format!("https://push.example.net/{}", "a".repeat(1_024));
        for bad in [
            "",
            "push.example.net",
            "http://push.example.net/1",
            "ftp://push.example.net/1",
            "https://me:pw@push.example.net/1",
            "https://push.example.net/1\r\nHost: x",
            "https://push.example.net/\0",
            &long,
        ] {
            assert_eq!(wrong(&[subscription(bad)]), ["push[0].endpoint"], "{bad:?}");
        }
    }

    #[test]
    fn keys_that_nothing_could_be_encrypted_with_are_refused() {
        let mut short = subscription("https://push.example.net/1");
        short.keys.p256dh = BASE64.encode([4; 64]);
        let mut compressed = subscription("https://push.example.net/2");
        compressed.keys.p256dh = BASE64.encode([2; 65]);
        let mut no_secret = subscription("https://push.example.net/3");
        no_secret.keys.auth = "!".into();
        let fields = ["push[0].keys.p256dh", "push[1].keys.p256dh", "push[2].keys.auth"];
        assert_eq!(wrong(&[short, compressed, no_secret]), fields);
    }

    #[test]
    fn a_user_has_a_few_devices_each_once() {
        let one = subscription("https://push.example.net/1");
        assert_eq!(wrong(&[one.clone(), one.clone()]), ["push[1].endpoint"]);
        assert_eq!(wrong(&vec![one; 11]), ["push"]);
    }
}
