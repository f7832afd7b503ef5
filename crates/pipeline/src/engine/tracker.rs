//! One partition's offsets: what has been taken, what is finished, and how far one may commit.

use std::collections::VecDeque;

/// Tracks the records of one partition of one assignment. Offsets may have gaps (compaction,
/// transaction markers), so records are counted in the order they were taken.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    /// The sequence number of the first entry of `open`.
    first: u64,
    /// Taken and not yet below the position: offset, and whether it is finished.
    open: VecDeque<(i64, bool)>,
    /// The next offset to be committed: everything below it is finished.
    position: Option<i64>,
    committed: Option<i64>,
}

impl Tracker {
    /// A record is taken; the number it is known by from now on.
    pub(crate) fn take(&mut self, offset: i64) -> u64 {
        let sequence = self.next_sequence();
        self.open.push_back((offset, false));
        sequence
    }

    /// The number of the next record taken.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.first + self.open.len() as u64
    }

    /// A record is taken and finished at once.
    pub(crate) fn pass(&mut self, offset: i64) {
        if self.open.is_empty() {
            self.position = Some(offset + 1);
        } else {
            self.open.push_back((offset, true));
        }
    }

    /// A record is finished: the position moves if it was the first that was not.
    pub(crate) fn finish(&mut self, sequence: u64) {
        let Some(index) = sequence.checked_sub(self.first) else { return };
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        if let Some(entry) = self.open.get_mut(index) {
            entry.1 = true;
        }
        while let Some((offset, true)) = self.open.front() {
            self.position = Some(offset + 1);
            self.first += 1;
            self.open.pop_front();
        }
    }

    /// The offset to commit, if it is not committed yet.
    pub(crate) fn to_commit(&self) -> Option<i64> {
        self.position.filter(|p| Some(*p) != self.committed)
    }

    /// A commit is on its way; it is taken for done until the answer says otherwise.
    pub(crate) fn commit_sent(&mut self, offset: i64) {
        self.committed = Some(offset);
    }

    /// A commit failed: unless a later one has been sent, it is due again.
    pub(crate) fn commit_failed(&mut self, offset: i64) {
        if self.committed == Some(offset) {
            self.committed = None;
        }
    }

    /// The next offset to be committed.
    pub(crate) fn position(&self) -> Option<i64> {
        self.position
    }

    /// Records taken and not yet below the position, finished ones behind a gap included.
    pub(crate) fn span(&self) -> usize {
        self.open.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_never_passes_an_unfinished_record() {
        let mut tracker = Tracker::default();
        let (a, b, c) = (tracker.take(10), tracker.take(11), tracker.take(15));
        tracker.finish(c);
        tracker.finish(b);
        assert_eq!(tracker.to_commit(), None);
        tracker.pass(16);
        tracker.finish(a);
        assert_eq!(tracker.to_commit(), Some(17));
        assert_eq!(tracker.span(), 0);
    }

    #[test]
    fn a_record_passed_while_nothing_is_open_moves_the_position_at_once() {
        let mut tracker = Tracker::default();
        tracker.pass(4);
        assert_eq!(tracker.to_commit(), Some(5));
        tracker.commit_sent(5);
        assert_eq!(tracker.to_commit(), None);
    }

    #[test]
    fn a_failed_commit_is_due_again_unless_a_later_one_was_sent() {
        let mut tracker = Tracker::default();
        tracker.pass(0);
        tracker.commit_sent(1);
        tracker.commit_failed(1);
        assert_eq!(tracker.to_commit(), Some(1));
        tracker.commit_sent(1);
        tracker.pass(1);
        tracker.commit_sent(2);
        tracker.commit_failed(1);
        assert_eq!(tracker.to_commit(), None);
    }

    #[test]
    fn a_finish_that_comes_twice_changes_nothing() {
        let mut tracker = Tracker::default();
        let a = tracker.take(0);
        tracker.finish(a);
        let b = tracker.take(1);
        tracker.finish(a);
        assert_eq!(tracker.position(), Some(1));
        tracker.finish(b);
        assert_eq!(tracker.position(), Some(2));
    }
}
