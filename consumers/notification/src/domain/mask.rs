//! Addresses as events and logs may have them.

/// `alice@example.org` is `a***@example.org`: enough to find out whether it was the right one.
pub(crate) fn address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((user, domain)) => {
            let first: String = user.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        None => "***".into(),
    }
}

/// What a mail server said, with every address in it left out; bounded, for it may say anything.
pub(crate) fn words(text: &str) -> String {
    const MOST: usize = 200;
    let mask = |word: &str| if word.contains('@') { "…".into() } else { word.to_owned() };
    let words: Vec<String> = text.split_whitespace().map(mask).collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::{address, words};

    #[test]
    fn an_address_keeps_its_first_letter_and_its_domain() {
        assert_eq!(address("alice@example.org"), "a***@example.org");
        assert_eq!(address("ü@example.org"), "ü***@example.org");
        assert_eq!(address("no address"), "***");
    }

    #[test]
    fn what_a_server_says_names_nobody() {
        let said = words("550 5.1.1 <alice@example.org>: no such mailbox\r\n");
        assert_eq!(said, "550 5.1.1 … no such mailbox");
        assert_eq!(words(&"x".repeat(1_000)).len(), 200);
    }
}
