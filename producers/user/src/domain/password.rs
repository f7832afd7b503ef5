//! What a password may be, by NIST SP 800-63B-4, section 3.1.1: where it is the only factor, at least
//! 15 characters; long ones are welcome; no rules of composition, for they make people predictable;
//! and none that is made of what everybody knows of the user.

use unicode_normalization::UnicodeNormalization;

/// Characters, that is code points.
const LEAST: usize = 15;
const MOST: usize = 128;
/// What must be left of a password when known words are taken out of it.
const LEAST_UNKNOWN: usize = 8;
const LEAST_DIFFERENT: usize = 5;
/// Besides the user's own address and name.
const KNOWN: [&str; 6] =
    ["orderline", "password", "passwort", "qwertyuiop", "qwertzuiop", "iloveyou"];

/// A password as somebody typed it, which does not print.
#[derive(Clone)]
pub(crate) struct Password(String);

impl Password {
    /// One text may be typed as several sequences of code points: all are the same password.
    pub(crate) fn new(typed: &str) -> Self {
        Password(typed.nfc().collect())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl<'de> serde::Deserialize<'de> for Password {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Password::new(&<std::borrow::Cow<'_, str>>::deserialize(from)?))
    }
}

/// What is wrong with a password that this user wants to have.
pub(crate) fn wrong_password(
    password: &Password,
    email: &str,
    name: Option<&str>,
) -> Option<&'static str> {
    let text: Vec<char> = password.0.chars().collect();
    if text.len() < LEAST {
        return Some(
            "must be at least 15 characters: some words in a row are easy to keep in mind",
        );
    }
    if text.len() > MOST {
        return Some("must be at most 128 characters");
    }
    if text.iter().any(|c| c.is_control()) {
        return Some("must hold no control characters");
    }
    let mut different = text.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < LEAST_DIFFERENT || is_repeated(&text) || is_sequence(&text) {
        return Some("must not be the same few characters again and again, or characters in a row");
    }
    if unknown(&password.0, email, name) < LEAST_UNKNOWN {
        return Some("must not be made of your address, your name or words that everybody tries");
    }
    None
}

/// Whether it is a shorter text several times over.
fn is_repeated(text: &[char]) -> bool {
    (1..=text.len() / 2).any(|n| text.iter().zip(&text[n..]).all(|(a, b)| a == b))
}

/// Whether each character is beside the one before it, as in 1234567890 or zyxwv.
fn is_sequence(text: &[char]) -> bool {
    let beside = text.windows(2).filter(|w| u32::from(w[0]).abs_diff(u32::from(w[1])) == 1).count();
    // A digit row goes on from 9 to 0, and an alphabet may begin again.
    beside + 3 >= text.len()
}

/// How many characters are left without known words.
fn unknown(password: &str, email: &str, name: Option<&str>) -> usize {
    let mut left = password.to_lowercase();
    let email = email.to_lowercase();
    let own = email.split(['@', '.', '+', '-', '_']).map(str::to_owned);
    let name = name.unwrap_or_default().to_lowercase();
    let own = own.chain(name.split_whitespace().map(str::to_owned));
    let own: Vec<String> = own.filter(|word| word.chars().count() >= 3).collect();
    for word in [email.as_str()].into_iter().chain(own.iter().map(String::as_str)).chain(KNOWN) {
        left = left.replace(word, "");
    }
    left.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> bool {
        let password = Password::new(text);
        wrong_password(&password, "ada.lovelace@example.com", Some("Ada Lovelace")).is_some()
    }

    #[test]
    fn length_counts_and_composition_does_not() {
        let most =
            "abcdefghijklmnop".chars().rev().cycle().step_by(3).take(128).collect::<String>();
        for good in [
            "correct horse battery staple",
            "fünfzehn zeiche",
            "すもももももももものうちとはよく言う",
            "nurkleinbuchstaben",
            "837105926481730",
            &format!("{}!x", &most[..126]),
        ] {
            assert!(!wrong(good), "{good}");
        }
        for bad in ["", "fourteen chars", "with a\0 nul byte in it", &"many words ".repeat(12)] {
            assert!(wrong(bad), "{bad:?}");
        }
    }

    #[test]
    fn what_everybody_would_guess_is_refused() {
        for bad in [
            "aaaaaaaaaaaaaaaaaaaa",
            "abababababababababab",
            "hunter2hunter2hunter2",
            "1234567890123456",
            "abcdefghijklmnopqrst",
            "zyxwvutsrqponmlkji",
            "ada.lovelace@example.com",
            "AdaLovelace2026!",
            "orderlinePassword1",
            "qwertyuiopqwerty",
        ] {
            assert!(wrong(bad), "{bad}");
        }
    }

    #[test]
    fn one_text_is_one_password_however_it_is_composed() {
        let (composed, apart) = (Password::new("caf\u{e9}"), Password::new("cafe\u{301}"));
        assert_eq!(composed.bytes(), apart.bytes());
    }

    #[test]
    fn a_password_does_not_print() {
        assert!(!format!("{:?}", Password::new("hunter2")).contains("hunter2"));
    }
}
