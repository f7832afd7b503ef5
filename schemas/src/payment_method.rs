//! What may stand in a field `payment_method`.

/// Digits in a row, however they are set apart, that are taken for a card's number.
const CARD: usize = 12;

/// What is wrong with the text; nothing with a payment provider's name for a way to pay, such as
/// `pm_card_visa`. A card's number is refused before it is written anywhere.
pub fn payment_method_problem(text: &str) -> Option<&'static str> {
    let mut digits = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b' ' | b'-' | b'.' | b'_' => {}
            _ => digits = 0,
        }
        if digits == CARD {
            return Some(
                "must not be a card's number: the payment provider gives you a token for it",
            );
        }
    }
    let is_token = (1..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && text.starts_with(|first: char| first.is_ascii_alphabetic());
    (!is_token).then_some("must be the payment provider's name for it, as in pm_card_visa")
}

#[cfg(test)]
mod tests {
    use super::payment_method_problem as problem;

    #[test]
    fn a_token_is_taken() {
        for token in ["pm_card_visa", "pm_1MqLiJLkdIwHu7ixUEgbFdYF", "card_123-456", "a"] {
            assert_eq!(problem(token), None, "{token}");
        }
    }

    #[test]
    fn what_looks_like_a_card_is_refused_as_one() {
        for card in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "3782-822463-10005",
            "pm_4242424242424242",
            "pm_4242_4242_4242_4242",
            "6304000000000000000",
            "card:5555.5555.5555.4444",
        ] {
            assert!(problem(card).is_some_and(|why| why.contains("card's number")), "{card}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", " pm", "pm card", "pm\n", "1pm", "pm_é", "pm/../x", &"p".repeat(256)] {
            assert!(problem(text).is_some(), "{text:?}");
        }
    }
}
