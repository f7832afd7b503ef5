//! What is known of each order: when it was due, sent, accepted, and when what followed was seen.

use std::collections::HashMap;

use uuid::Uuid;

use super::refusal::{Refusal, Refusals};

/// What the topics say of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Placed,
    Reserved,
    Completed,
    Rejected,
    Cancelled,
    MailSent,
    MailFailed,
}

impl Stage {
    /// By the full name of a record's type.
    pub(super) fn of(kind: &str) -> Option<Self> {
        Some(match kind.rsplit('.').next()? {
            "OrderPlaced" => Stage::Placed,
            "OrderReserved" => Stage::Reserved,
            "OrderCompleted" => Stage::Completed,
            "OrderRejected" => Stage::Rejected,
            "OrderCancelled" => Stage::Cancelled,
            "NotificationSent" => Stage::MailSent,
            "NotificationFailed" => Stage::MailFailed,
            _ => return None,
        })
    }
}

/// A record that tells of an order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) order_id: Uuid,
    /// What all events of the order name as their story.
    pub(super) story: Uuid,
    pub(super) stage: Stage,
    /// Microseconds since the start.
    pub(super) at: i64,
}

/// One order. Times are microseconds since the start; none: it has not come to that.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) order_id: Option<Uuid>,
    pub(super) due: i64,
    pub(super) sent: i64,
    pub(super) accepted: Option<i64>,
    pub(super) placed: Option<i64>,
    pub(super) reserved: Option<i64>,
    /// Its one end, and when.
    pub(super) end: Option<(Stage, i64)>,
    /// Whether the customer was told, and when.
    pub(super) mail: Option<(Stage, i64)>,
}

impl Entry {
    pub(super) fn completed(&self) -> Option<i64> {
        self.end.filter(|(stage, _)| *stage == Stage::Completed).map(|(_, at)| at)
    }

    pub(super) fn mailed(&self) -> Option<i64> {
        self.mail.filter(|(stage, _)| *stage == Stage::MailSent).map(|(_, at)| at)
    }

    /// Whether something of it is still to come.
    pub(super) fn open(&self) -> bool {
        self.accepted.is_some() && (self.end.is_none() || self.mail.is_none())
    }

    /// A record that is sent twice counts when it came first.
    fn note(&mut self, Seen { stage, at, .. }: Seen) {
        match stage {
            Stage::Placed => self.placed = self.placed.or(Some(at)),
            Stage::Reserved => self.reserved = self.reserved.or(Some(at)),
            Stage::Completed | Stage::Rejected | Stage::Cancelled => {
                self.end = self.end.or(Some((stage, at)));
            }
            Stage::MailSent | Stage::MailFailed => self.mail = self.mail.or(Some((stage, at))),
        }
    }
}

/// Records of orders that are not known here: other people's, and those whose answer is still under
/// way. So many are kept, and of more only those of the last minute.
const STRANGERS: usize = 100_000;
const MINUTE: i64 = 60_000_000;

/// All orders of a run.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) entries: Vec<Entry>,
    pub(super) refusals: Refusals,
    /// Tries that had no answer and were made again.
    pub(super) tried_again: u64,
    by_id: HashMap<Uuid, usize>,
    strangers: HashMap<Uuid, Vec<Seen>>,
    /// How many strangers there may be before the old ones are forgotten.
    room: usize,
    progress: Progress,
}

/// How many orders have come how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) sent: u64,
    /// Accepted or refused.
    pub(super) answered: u64,
    pub(super) accepted: u64,
    pub(super) ended: u64,
    pub(super) told: u64,
}

impl Ledger {
    /// An order is sent, under this id where its story is known by one already. Returns its place
    /// here.
    pub(super) fn sent(&mut self, due: i64, at: i64, story: Option<Uuid>) -> usize {
        let place = self.entries.len();
        self.entries.push(Entry { due, sent: at, ..Entry::default() });
        self.progress.sent += 1;
        self.by_id.extend(story.map(|story| (story, place)));
        place
    }

    /// It was accepted, by HTTP under an id that is told only now.
    pub(super) fn accepted(&mut self, place: usize, order_id: Option<Uuid>, at: i64) {
        self.progress.answered += 1;
        self.progress.accepted += 1;
        self.entries[place].accepted = Some(at);
        let Some(order_id) = order_id else { return };
        self.by_id.insert(order_id, place);
        self.entries[place].order_id = Some(order_id);
        for seen in self.strangers.remove(&order_id).unwrap_or_default() {
            self.note(place, seen);
        }
    }

    pub(super) fn refused(&mut self, refusal: Refusal) {
        self.progress.answered += 1;
        self.refusals.add(refusal);
    }

    pub(super) fn seen(&mut self, seen: Seen) {
        let known = self.by_id.get(&seen.order_id).or_else(|| self.by_id.get(&seen.story));
        if let Some(place) = known {
            return self.note(*place, seen);
        }
        self.strangers.entry(seen.order_id).or_default().push(seen);
        if self.strangers.len() > self.room.max(STRANGERS) {
            self.strangers.retain(|_, all| all.iter().any(|s| s.at > seen.at - MINUTE));
            self.room = self.strangers.len() * 2;
        }
    }

    fn note(&mut self, place: usize, seen: Seen) {
        let entry = &mut self.entries[place];
        entry.order_id = Some(seen.order_id);
        let before = (entry.end.is_some(), entry.mail.is_some());
        entry.note(seen);
        self.progress.ended += u64::from(entry.end.is_some() && !before.0);
        self.progress.told += u64::from(entry.mail.is_some() && !before.1);
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }
}

impl Progress {
    /// Whether nothing of what was sent is to come any more.
    pub(super) fn at_rest(&self) -> bool {
        self.answered == self.sent && self.ended == self.accepted && self.told == self.accepted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(order_id: Uuid, stage: Stage, at: i64) -> Seen {
        Seen { order_id, story: order_id, stage, at }
    }

    #[test]
    fn what_is_seen_before_the_answer_came_counts() {
        let (mut ledger, id) = (Ledger::default(), Uuid::from_u128(1));
        let place = ledger.sent(0, 5, None);
        ledger.seen(seen(id, Stage::Completed, 8));
        assert_eq!(ledger.progress().ended, 0);
        ledger.accepted(place, Some(id), 9);
        assert_eq!((ledger.progress().ended, ledger.entries[0].completed()), (1, Some(8)));
        assert!(ledger.entries[0].open() && !ledger.progress().at_rest());
    }

    #[test]
    fn a_record_that_comes_twice_counts_once_and_when_it_came_first() {
        let (mut ledger, id) = (Ledger::default(), Uuid::from_u128(1));
        let place = ledger.sent(0, 0, None);
        ledger.accepted(place, Some(id), 1);
        for (stage, at) in [(Stage::Completed, 2), (Stage::MailSent, 3), (Stage::Completed, 4)] {
            ledger.seen(seen(id, stage, at));
        }
        assert_eq!(ledger.entries[0].completed(), Some(2));
        assert!(ledger.progress().at_rest() && ledger.progress().ended == 1);
    }

    #[test]
    fn an_order_by_record_is_known_by_its_story_and_told_its_id_later() {
        let (mut ledger, story, order_id) =
            (Ledger::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let place = ledger.sent(0, 0, Some(story));
        ledger.seen(Seen { order_id, story, stage: Stage::Placed, at: 3 });
        ledger.accepted(place, None, 4);
        let entry = &ledger.entries[0];
        assert_eq!((entry.order_id, entry.placed), (Some(order_id), Some(3)));
    }

    #[test]
    fn orders_of_others_are_not_counted() {
        let mut ledger = Ledger::default();
        ledger.seen(seen(Uuid::from_u128(9), Stage::Completed, 2));
        assert_eq!(ledger.progress(), Progress::default());
    }
}
