//! The words of the mails. Each mail is a folder with a subject, a text and an HTML, compiled in.

use minijinja::Error;
use serde::Serialize;

use crate::words::{self, Part};

/// One mail's three templates.
pub(crate) struct Template {
    /// The folder's name, which is also the mail's name in events.
    pub(crate) name: &'static str,
    subject: Part,
    text: Part,
    html: Part,
}

macro_rules! mails {
    ($($constant:ident $folder:literal)+) => {
        $(
            pub(crate) const $constant: Template = Template {
                name: $folder,
                subject: part!($folder "/subject.txt"),
                text: part!($folder "/body.txt"),
                html: part!($folder "/body.html"),
            };
        )+

        /// Every mail.
        const ALL: &[Template] = &[$($constant),+];
    };
}

/// A template's name, whose ending decides about escaping, and its source.
macro_rules! part {
    ($folder:literal $file:literal) => {
        (concat!($folder, $file), include_str!(concat!("templates/", $folder, $file)))
    };
}

mails! {
    ORDER_COMPLETED "order_completed"
    ORDER_REJECTED "order_rejected"
    ORDER_CANCELLED "order_cancelled"
}

/// A mail in words.
pub(crate) struct Words {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// All templates, parsed.
pub(crate) struct Templates(words::Templates);

impl Templates {
    /// Parses them.
    pub(crate) fn new() -> Result<Self, Error> {
        let parts = ALL.iter().flat_map(|mail| [mail.subject, mail.text, mail.html]);
        words::Templates::new(parts).map(Templates)
    }

    /// A mail about an event. The HTML is escaped, the others are plain.
    pub(crate) fn render<E: Serialize>(
        &self,
        template: &Template,
        event: &E,
    ) -> Result<Words, Error> {
        Ok(Words {
            subject: self.0.render(template.subject, event)?.trim().to_owned(),
            text: self.0.render(template.text, event)?,
            html: self.0.render(template.html, event)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::made;

    fn render<E: Serialize>(template: &Template, event: &E) -> Words {
        Templates::new().expect("parses").render(template, event).expect("renders")
    }

    #[test]
    fn every_mail_says_which_order_and_what_it_cost() {
        for words in [
            render(&ORDER_COMPLETED, &made::completed(1)),
            render(&ORDER_REJECTED, &made::rejected(1)),
            render(&ORDER_CANCELLED, &made::cancelled(1)),
        ] {
            assert!(words.subject.contains("web-1"), "{}", words.subject);
            for body in [&words.text, &words.html] {
                assert!(body.contains("web-1"), "{body}");
                assert!(body.contains("11.77 EUR"), "{body}");
                assert!(body.contains("5 March 2026"), "{body}");
            }
        }
    }

    #[test]
    fn an_order_without_name_reference_and_product_names_is_told_of_all_the_same() {
        let mut order = made::completed(1);
        (order.name, order.order_ref, order.lines[0].name) = (None, None, None);
        let words = render(&ORDER_COMPLETED, &order);
        assert!(words.subject.contains("00000000-0000-0000-0000-000000000001"));
        assert!(words.text.starts_with("Hello,\n") && words.text.contains("2 x TEA"));
    }

    #[test]
    fn what_customers_and_catalogues_write_is_text_in_html() {
        let mut order = made::completed(1);
        order.name = Some("<script>alert('x')</script>".into());
        order.lines[0].name = Some("\"Salt & Pepper\" <img src=x onerror=y>".into());
        let words = render(&ORDER_COMPLETED, &order);
        assert!(!words.html.contains("<script") && !words.html.contains("<img"), "{}", words.html);
        assert!(words.html.contains("&lt;script&gt;") && words.html.contains("Salt &amp; Pepper"));
        assert!(words.text.contains("\"Salt & Pepper\" <img"), "{}", words.text);
    }

    #[test]
    fn a_rejection_says_why_and_of_what_there_was_too_little() {
        let text = render(&ORDER_REJECTED, &made::rejected(1)).text;
        assert!(text.contains("TEA: 2 wanted, 1 left"), "{text}");
        let mut declined = made::rejected(1);
        declined.shortages.clear();
        declined.reason = shop_events::RejectReason::PaymentDeclined;
        assert!(render(&ORDER_REJECTED, &declined).text.contains("payment was declined"));
    }

    #[test]
    fn a_free_order_has_no_price_to_pay() {
        let mut order = made::completed(1);
        order.total = 0;
        assert!(render(&ORDER_COMPLETED, &order).text.contains("nothing to pay"));
    }
}
