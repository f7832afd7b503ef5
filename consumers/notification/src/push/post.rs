//! One message to the push service of one device.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode, redirect};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use url::Url;
use uuid::Uuid;

use super::encrypt::encrypt;
use super::reach::{OutOfReach, Reach};
use super::vapid::Vapid;
use crate::people::Device;
use crate::settings::PushSettings;

/// Seconds that a push service keeps a message for a device that is away: what became of an order is
/// no news after a day.
const TTL_SECONDS: &str = "86400";

/// The way to push services.
#[derive(Clone)]
pub(crate) struct Post {
    client: Client,
    timeout: Duration,
    reach: Reach,
    vapid: Vapid,
}

/// What became of a message, in words without the endpoint: whoever knows that may write to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Posted {
    /// The push service has it.
    Sent,
    /// The push service knows the device no more.
    Gone,
    /// This device never gets this message.
    Refused(String),
    /// It may later.
    Later {
        why: String,
        /// How long the push service wants to be left alone.
        wait: Option<Duration>,
        /// No answer came, and it may have been taken.
        in_doubt: bool,
    },
}

impl Post {
    pub(crate) fn new(settings: &PushSettings, vapid: Vapid) -> anyhow::Result<Self> {
        let reach = Reach { loopback: settings.push_allow_loopback };
        let timeout = settings.push_seconds.duration();
        let client = Client::builder()
            .dns_resolver(Arc::new(reach))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(timeout)
            .user_agent("orderline")
            .build()?;
        Ok(Post { client, timeout, reach, vapid })
    }

    /// How long a push service may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Encrypts a message for a device and hands it to its push service. `id` is the same in each try:
    /// of messages with the same topic the push service keeps the last.
    pub(crate) async fn post(
        &self,
        device: &Device,
        plain: &[u8],
        id: Uuid,
        now_micros: i64,
    ) -> Posted {
        let refused = |why: &dyn std::fmt::Display| Posted::Refused(why.to_string());
        let url = match self.reach.endpoint(&device.endpoint) {
            Ok(url) => url,
            Err(why) => return refused(&why),
        };
        let sealed = match encrypt(device, plain) {
            Ok(sealed) => sealed,
            Err(why) => return refused(&why),
        };
        let authorization = self.vapid.authorization(&url, now_micros);
        let request = self
            .client
            .post(url)
            .header("TTL", TTL_SECONDS)
            .header("Urgency", "normal")
            .header("Topic", URL_SAFE_NO_PAD.encode(id.as_bytes()))
            .header("Content-Encoding", "aes128gcm")
            .header("Content-Type", "application/octet-stream")
            .header("Authorization", authorization)
            .body(sealed);
        match request.send().await {
            Ok(answer) => answered(answer.status(), answer.headers(), now_micros),
            Err(error) => failed(error),
        }
    }
}

/// RFC 8030, 5 and 7.3; RFC 8292, 4.2.
fn answered(status: StatusCode, headers: &HeaderMap, now_micros: i64) -> Posted {
    let said = format!("the push service said {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Posted::Sent,
        404 | 410 => Posted::Gone,
        408 | 425 | 429 | 500..=599 => {
            Posted::Later { why: said, wait: retry_after(headers, now_micros), in_doubt: false }
        }
        413 => Posted::Refused(format!("{said}: the message is too large for it")),
        401 | 403 => Posted::Refused(format!(
            "{said}: it does not take our signature (was the VAPID key changed?)"
        )),
        _ => Posted::Refused(said),
    }
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap, now_micros: i64) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = OffsetDateTime::parse(text, &Rfc2822).ok()?.unix_timestamp();
    let seconds = at.checked_sub(now_micros.div_euclid(1_000_000))?;
    Some(Duration::from_secs(seconds.try_into().unwrap_or(0)))
}

fn failed(error: reqwest::Error) -> Posted {
    let connected = !error.is_connect();
    let error = error.without_url();
    let (mut words, mut source) = (error.to_string(), error.source());
    while let Some(cause) = source {
        if let Some(out) = cause.downcast_ref::<OutOfReach>() {
            return Posted::Refused(out.to_string());
        }
        words = cause.to_string();
        source = cause.source();
    }
    Posted::Later { why: format!("push service: {words}"), wait: None, in_doubt: connected }
}

/// The host of an endpoint, which may stand in events and logs.
pub(crate) fn host(endpoint: &str) -> String {
    let host = Url::parse(endpoint).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        retry_after(&headers, 784_111_770_000_000)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(after("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("soon"), None);
    }

    #[test]
    fn an_answer_is_about_this_message_about_the_device_or_about_now() {
        let of =
            |status: u16| answered(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), 0);
        for sent in [200, 201, 202] {
            assert_eq!(of(sent), Posted::Sent);
        }
        for gone in [404, 410] {
            assert_eq!(of(gone), Posted::Gone);
        }
        for refused in [301, 302, 307, 400, 401, 403, 413] {
            assert!(matches!(of(refused), Posted::Refused(_)), "{refused}");
        }
        for later in [429, 500, 502, 503] {
            assert!(matches!(of(later), Posted::Later { in_doubt: false, .. }), "{later}");
        }
    }
}
