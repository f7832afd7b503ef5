//! The message around the words: headers that hold what they should, bodies in two forms.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use uuid::Uuid;

use super::templates::Words;

/// What cannot be put into a message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    /// A line break or another control character where a header would begin a new one with it.
    #[error("the {0} contains control characters, which could forge headers")]
    Control(&'static str),
    /// The library's own words.
    #[error("the message cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

/// Refuses what a header's value must not contain.
pub(crate) fn one_line(what: &'static str, value: &str) -> Result<(), Unfit> {
    if value.chars().any(char::is_control) { Err(Unfit::Control(what)) } else { Ok(()) }
}

/// Whom and when, and the id that is the same in each try.
pub(crate) struct Head<'a> {
    pub(crate) id: Uuid,
    pub(crate) from: &'a Mailbox,
    pub(crate) name: Option<&'a str>,
    pub(crate) to: Address,
    pub(crate) at_micros: i64,
}

impl Head<'_> {
    /// `<id@domain>`.
    pub(crate) fn message_id(&self) -> String {
        format!("<{}@{}>", self.id, self.from.email.domain())
    }
}

/// The message, in text and in HTML.
pub(crate) fn compose(head: Head<'_>, words: Words) -> Result<Message, Unfit> {
    one_line("name", head.name.unwrap_or_default())?;
    one_line("subject", &words.subject)?;
    let message_id = head.message_id();
    // Tells out-of-office answers that nobody is there to read them.
    let automatic = HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    );
    let at = Duration::from_micros(head.at_micros.unsigned_abs());
    let name = head.name.filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(Message::builder()
        .from(head.from.clone())
        .to(Mailbox::new(name, head.to))
        .subject(words.subject)
        .date(SystemTime::UNIX_EPOCH + at)
        .message_id(Some(message_id))
        .raw_header(automatic)
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, words.text))
                .singlepart(part(ContentType::TEXT_HTML, words.html)),
        )?)
}

/// Always encoded: lettre 0.11.23 lets bare CR and LF of an unencoded body through, with which one
/// could end the message and speak to the mail server.
fn part(kind: ContentType, text: String) -> SinglePart {
    SinglePart::builder()
        .content_type(kind)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, subject: &str, text: &str) -> Result<String, Unfit> {
        let from: Mailbox = "Shop <orders@shop.example>".parse().expect("an address");
        let to = "alice@example.org".parse().expect("an address");
        let head = Head { id: Uuid::nil(), from: &from, name: Some(name), to, at_micros: 0 };
        let words =
            Words { subject: subject.into(), text: text.into(), html: format!("<p>{text}</p>") };
        compose(head, words).map(|m| String::from_utf8(m.formatted()).expect("text"))
    }

    #[test]
    fn a_message_has_both_bodies_and_an_id_of_its_own() {
        let message = made("Alice", "Grüße", "Schöne Grüße").expect("fits");
        for part in [
            "To: Alice <alice@example.org>\r\n",
            "Message-ID: <00000000-0000-0000-0000-000000000000@shop.example>\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
            "Content-Type: multipart/alternative",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable",
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable",
            "Sch=C3=B6ne",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(message.contains(part), "{part:?} is missing in {message}");
        }
    }

    #[test]
    fn control_characters_in_headers_are_refused() {
        for bad in ["a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a\0b", "a\u{85}b"] {
            assert!(matches!(made(bad, "s", "t"), Err(Unfit::Control("name"))), "{bad:?}");
            assert!(matches!(made("n", bad, "t"), Err(Unfit::Control("subject"))), "{bad:?}");
        }
    }

    #[test]
    fn a_body_cannot_end_the_message() {
        let text = "a\r.\rb\n.\nQUIT\r\n.\r\n\0\u{1b}end\r";
        let message = made("Alice", "s", text).expect("fits");
        let bare = message.replace("\r\n", "");
        assert!(!bare.contains(['\r', '\n', '\0', '\u{1b}']), "{message:?}");
        assert!(message.lines().all(|line| line.len() <= 998));
        // A dot alone on its line is doubled by SMTP's own rules when the message is sent.
        assert!(message.is_ascii());
    }

    #[test]
    fn quotes_and_commas_in_a_name_make_no_second_recipient() {
        let message = made("Doe, \"J\" <eve@example.org>, x", "s", "t").expect("fits");
        let to = message.lines().find(|line| line.starts_with("To: ")).expect("a recipient");
        assert!(to.ends_with(" <alice@example.org>") && !to.contains("eve@"), "{to}");
    }
}
