//! Lists, page by page.

use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::problem::Problem;

/// How many of a list are asked for, as the parameter `limit`: 1 to 100, and 20 where nothing is
/// said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PageSize(i64);

impl Default for PageSize {
    fn default() -> Self {
        PageSize(20)
    }
}

impl PageSize {
    /// How many to read: one more than are shown tells whether there are more.
    pub fn most(self) -> Result<i64, Problem> {
        if !(1..=100).contains(&self.0) {
            return Err(Problem::field("limit", format!("is {}, and may be 1 to 100", self.0)));
        }
        Ok(self.0 + 1)
    }

    /// Leaves what is shown of what was read, and answers with the last of it where there are more.
    pub fn cut<T>(self, read: &mut Vec<T>) -> Option<&T> {
        let most = usize::try_from(self.0).unwrap_or_default();
        let more = read.len() > most;
        read.truncate(most);
        read.last().filter(|_| more)
    }

    /// Where the next page is: the same list after this one.
    pub fn next(self, path: &str, asked: &[(&str, &str)], after: &str) -> String {
        let mut query = Serializer::for_suffix(format!("{path}?"), path.len() + 1);
        query.extend_pairs(asked);
        query.append_pair("limit", &self.0.to_string()).append_pair("after", after).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_is_shown_tells_that_there_are_more() {
        let size = PageSize(2);
        let mut read = vec![1, 2, 3];
        assert_eq!((size.most(), size.cut(&mut read).copied()), (Ok(3), Some(2)));
        assert_eq!(read, [1, 2]);
        assert_eq!(size.cut(&mut read), None);
        assert!(PageSize(0).most().is_err() && PageSize(101).most().is_err());
    }

    #[test]
    fn what_was_asked_for_is_asked_for_again() {
        let next = PageSize::default().next("/products", &[("q", "a & b")], "TEA/1");
        assert_eq!(next, "/products?q=a+%26+b&limit=20&after=TEA%2F1");
    }
}
