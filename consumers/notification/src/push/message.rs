//! What a device, or an open page, gets of a message.

use serde::Serialize;
use uuid::Uuid;

use super::encrypt::LARGEST;
use super::templates::Words;

/// Characters of a title and of a body: what devices show, and little enough for one record of
/// encrypted bytes, whatever the characters.
const TITLE: usize = 100;
const BODY: usize = 300;

/// A message as JSON.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Message<'a> {
    /// The same in each try: a page or a device that has it already passes over it. For a
    /// notification's `tag`.
    pub(crate) id: Uuid,
    /// What about: the name of the template.
    pub(crate) template: &'a str,
    pub(crate) order_id: Uuid,
    pub(crate) title: String,
    pub(crate) body: String,
    /// Microseconds since 1970, UTC.
    pub(crate) at: i64,
}

impl<'a> Message<'a> {
    pub(crate) fn new(id: Uuid, template: &'a str, order_id: Uuid, words: &Words, at: i64) -> Self {
        let (title, body) = (cut(&words.title, TITLE), cut(&words.body, BODY));
        Message { id, template, order_id, title, body, at }
    }

    /// As it is encrypted and as pages see it.
    pub(crate) fn json(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        debug_assert!(json.len() <= LARGEST);
        json
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_fits_whatever_is_in_it() {
        for wide in ["x", "\"", "\u{1f600}", "é"] {
            let words = Words { title: wide.repeat(5_000), body: wide.repeat(5_000) };
            let message =
                Message::new(Uuid::max(), "order_completed", Uuid::max(), &words, i64::MAX);
            assert!(message.json().len() <= LARGEST, "{wide}: {}", message.json().len());
            assert!(message.title.ends_with('…') && message.title.chars().count() == TITLE);
        }
    }
}
