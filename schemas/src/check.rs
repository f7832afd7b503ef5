//! What texts on the wire may be. Each check answers with what is wrong, or with nothing.

type Wrong = Option<&'static str>;

/// Text that people see: it may stand in a mail's header, so control characters are refused.
pub fn label(text: &str) -> Wrong {
    if text.trim().is_empty() {
        return Some("must not be empty");
    }
    if text.chars().count() > 200 {
        return Some("must be at most 200 characters");
    }
    text.chars().any(char::is_control).then_some("must hold no control characters")
}

/// Text of some length, in which lines may be broken.
pub fn text(text: &str) -> Wrong {
    if text.chars().count() > 10_000 {
        return Some("must be at most 10000 characters");
    }
    let holds = text.chars().any(|c| c.is_control() && c != '\n');
    holds.then_some("must hold no control characters besides line breaks")
}

/// An ISO 4217 code by its form.
pub fn currency(code: &str) -> Wrong {
    let is_code = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    (!is_code).then_some("must be an ISO 4217 code of three capitals, as in EUR")
}

/// An address that a mail can go to: `local@domain` in ASCII.
pub fn email(address: &str) -> Wrong {
    const WRONG: Wrong = Some("must be a mail address, as in ada@example.com");
    let Some((local, domain)) = address.rsplit_once('@') else { return WRONG };
    let local_ok = (1..=64).contains(&local.len())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let domain_ok = domain.len() <= 189 && domain.contains('.') && domain.split('.').all(is_host);
    if local_ok && domain_ok { None } else { WRONG }
}

fn is_host(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_cannot_be_written_to_are_refused() {
        for good in ["ada@example.com", "a.b+tag@sub.example.co.uk", "x@1.de"] {
            assert_eq!(email(good), None, "{good}");
        }
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a da@example.com",
            "ada@-x.com",
            "ada@example.com\r\nBcc: all@example.com",
            "<ada@example.com>",
            ".a@example.com",
            "a..b@example.com",
            "a@b@example.com",
            "ada@exämple.com",
        ] {
            assert!(email(bad).is_some(), "{bad}");
        }
        assert!(email(&format!("{}@example.com", "a".repeat(65))).is_some());
    }

    #[test]
    fn labels_hold_no_control_characters() {
        assert_eq!(label("Ada Lovelace"), None);
        for bad in ["", "  ", "a\nb", "a\u{7f}", "a\u{0}"] {
            assert!(label(bad).is_some(), "{bad:?}");
        }
        assert!(label(&"x".repeat(201)).is_some());
    }

    #[test]
    fn texts_hold_line_breaks_and_no_other_control_characters() {
        assert_eq!((text(""), text("a\nb")), (None, None));
        assert!(text("a\rb").is_some() && text(&"x".repeat(10_001)).is_some());
    }

    #[test]
    fn a_currency_is_three_capitals() {
        assert_eq!(currency("EUR"), None);
        for bad in ["", "eur", "EURO", "E1R", "€UR"] {
            assert!(currency(bad).is_some(), "{bad}");
        }
    }
}
