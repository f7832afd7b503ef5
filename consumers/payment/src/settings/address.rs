//! Where payments go, and whether a key may go there: it is worth what is in the account.

use shop_service::{Secret, is_loopback};
use url::Url;

pub(super) const STRIPE: &str = "https://api.stripe.com";
pub(super) const SANDBOX: &str = "http://127.0.0.1:8108";
/// What keys begin with that move money, also those that may do only some things.
const LIVE: [&str; 2] = ["sk_live_", "rk_live_"];

/// Whether nobody but Stripe answers there.
pub(super) fn is_stripe(url: &Url) -> bool {
    let named = |host: &str| host == "api.stripe.com" || host.ends_with(".stripe.com");
    url.scheme() == "https" && url.host_str().is_some_and(named)
}

/// What is wrong with sending this key there.
pub(super) fn problem(key: Option<&Secret>, url: &Url) -> Option<String> {
    let is_live = |key: &Secret| LIVE.iter().any(|begins| key.reveal().starts_with(begins));
    match key {
        None if is_stripe(url) => Some(format!(
            "--stripe-url {url} is Stripe, and there is no key: put one into ORDERLINE_STRIPE_KEY or the file that --stripe-key-file names"
        )),
        Some(key) if is_live(key) && !is_stripe(url) => Some(format!(
            "the key is a live one, which is for Stripe alone, and --stripe-url is {url}: leave that out, or take a key for tests"
        )),
        Some(_) if url.scheme() == "http" && !is_loopback(url) => Some(format!(
            "--stripe-url {url} would carry the key through the network for all to read: write https://, or leave the key out"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(key: Option<&str>, url: &str) -> bool {
        problem(key.map(Secret::from).as_ref(), &url.parse().expect("a URL")).is_none()
    }

    #[test]
    fn a_live_key_goes_to_stripe_alone() {
        for key in ["sk_live_1", "rk_live_1"] {
            assert!(may(Some(key), STRIPE));
            for other in [
                "http://payment-sandbox:8100",
                SANDBOX,
                "http://api.stripe.com",
                "https://api.stripe.com.example.org",
                "https://evilstripe.com",
            ] {
                assert!(!may(Some(key), other), "{other}");
            }
        }
    }

    #[test]
    fn a_key_for_tests_goes_nowhere_in_the_clear() {
        for (url, good) in [
            (STRIPE, true),
            ("https://stand-in.example.org", true),
            ("http://127.0.0.1:12111", true),
            ("http://[::1]:12111", true),
            ("http://localhost:12111", true),
            ("http://payment-sandbox:8100", false),
            ("http://10.0.0.1:8100", false),
        ] {
            assert_eq!(may(Some("sk_test_1"), url), good, "{url}");
            assert_eq!(may(None, url), url != STRIPE, "{url}");
        }
    }

    #[test]
    fn compose_has_no_address_that_a_key_could_be_sent_to() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docker-compose.yml");
        let text = std::fs::read_to_string(file).expect("is there");
        assert!(text.contains("ORDERLINE_STRIPE_KEY:") && text.contains("ORDERLINE_SANDBOX_URL:"));
        assert!(!text.contains("ORDERLINE_STRIPE_URL"));
    }
}
