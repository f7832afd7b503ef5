//! How products are looked for: each word must stand somewhere in SKU, name or description.

/// Words of a search.
pub(crate) const MOST: usize = 6;
/// Characters of a search.
const LONGEST: usize = 100;

/// The patterns of a search, as LIKE takes them with `!` before what stands for itself. What is not
/// asked for matches everything.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) [String; MOST]);

impl Words {
    /// The patterns, or what is wrong with the text.
    pub(crate) fn of(text: &str) -> Result<Self, String> {
        if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(format!("must be at most {LONGEST} characters, and no control characters"));
        }
        let text = text.to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() > MOST {
            return Err(format!("are {} words, and may be {MOST}", words.len()));
        }
        Ok(Words(std::array::from_fn(|i| words.get(i).map_or("%".into(), |word| pattern(word)))))
    }
}

fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// What is looked through.
pub(crate) fn searched(product_id: &str, name: &str, description: &str) -> String {
    format!("{product_id}\n{name}\n{description}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_a_pattern_and_stands_for_itself() {
        let Words(patterns) = Words::of("  Grüner 100%_TEE ").unwrap();
        assert_eq!(patterns[..3], ["%grüner%", "%100!%!_tee%", "%"]);
        assert_eq!(Words::of("").unwrap().0, Words::of(" ").unwrap().0);
    }

    #[test]
    fn a_search_has_a_bound() {
        assert!(Words::of("a b c d e f").is_ok() && Words::of("a b c d e f g").is_err());
        assert!(Words::of(&"x".repeat(101)).is_err() && Words::of("a\u{0}").is_err());
    }
}
