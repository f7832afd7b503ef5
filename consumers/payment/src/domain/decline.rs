use shop_events::DeclineReason;

/// Characters of a reason's words that are kept.
const WORDS: usize = 200;

/// Why a payment was declined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decline {
    pub(crate) reason: DeclineReason,
    /// For people.
    pub(crate) detail: Option<String>,
}

impl Decline {
    /// With words for people, which come from outside: one line, and not too long.
    pub(crate) fn new(reason: DeclineReason, words: &str) -> Self {
        let line: String = words.chars().filter(|c| !c.is_control()).take(WORDS).collect();
        let detail = Some(line.trim().to_owned()).filter(|line| !line.is_empty());
        Decline { reason, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_outside_become_one_short_line() {
        let detail = |words: &str| Decline::new(DeclineReason::Other, words).detail;
        assert_eq!(detail("No.\r\nBcc: x\0"), Some("No.Bcc: x".to_owned()));
        assert_eq!(detail(" \n"), None);
        assert_eq!(detail(&"é".repeat(1_000)).map(|d| d.chars().count()), Some(200));
    }
}
