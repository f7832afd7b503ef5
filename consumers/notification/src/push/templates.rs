//! The words of push messages: for each a folder with a title and a body, compiled in.

use minijinja::Error;
use serde::Serialize;

use crate::words::{self, Part};

/// One message's two templates.
pub(crate) struct Template {
    /// The folder's name, which is also the message's name in events.
    pub(crate) name: &'static str,
    title: Part,
    body: Part,
}

macro_rules! messages {
    ($($constant:ident $folder:literal)+) => {
        $(
            pub(crate) const $constant: Template = Template {
                name: $folder,
                title: part!($folder "/title.txt"),
                body: part!($folder "/body.txt"),
            };
        )+

        /// Every message.
        const ALL: &[Template] = &[$($constant),+];
    };
}

macro_rules! part {
    ($folder:literal $file:literal) => {
        (concat!($folder, $file), include_str!(concat!("templates/", $folder, $file)))
    };
}

messages! {
    ORDER_COMPLETED "order_completed"
    ORDER_REJECTED "order_rejected"
    ORDER_CANCELLED "order_cancelled"
}

/// A message in words.
pub(crate) struct Words {
    pub(crate) title: String,
    pub(crate) body: String,
}

/// All templates, parsed.
pub(crate) struct Templates(words::Templates);

impl Templates {
    /// Parses them.
    pub(crate) fn new() -> Result<Self, Error> {
        words::Templates::new(ALL.iter().flat_map(|one| [one.title, one.body])).map(Templates)
    }

    /// A message about an event, each part on one line.
    pub(crate) fn render<E: Serialize>(
        &self,
        template: &Template,
        event: &E,
    ) -> Result<Words, Error> {
        let line = |part| self.0.render(part, event).map(|text| on_one_line(&text));
        Ok(Words { title: line(template.title)?, body: line(template.body)? })
    }
}

/// What customers and catalogues write may hold anything.
fn on_one_line(text: &str) -> String {
    let printable: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::made;

    fn render<E: Serialize>(template: &Template, event: &E) -> Words {
        Templates::new().expect("parses").render(template, event).expect("renders")
    }

    #[test]
    fn every_message_says_which_order_and_what_it_cost() {
        for words in [
            render(&ORDER_COMPLETED, &made::completed(1)),
            render(&ORDER_REJECTED, &made::rejected(1)),
            render(&ORDER_CANCELLED, &made::cancelled(1)),
        ] {
            assert!(words.title.contains("order") && words.title.len() < 60, "{}", words.title);
            assert!(words.body.contains("web-1 over 11.77 EUR"), "{}", words.body);
        }
    }

    #[test]
    fn a_message_is_one_line_whatever_is_in_it() {
        let mut order = made::completed(1);
        order.order_ref = Some("a\r\n\0b\u{85}c".into());
        let body = render(&ORDER_COMPLETED, &order).body;
        assert!(body.starts_with("a b c over"), "{body}");
    }
}
