//! An order that was placed, what is known of it, and whether that is right.

use notification::MailSettings;
use uuid::Uuid;

use super::customer::Customer;
use super::orders::{Change, Story};
use super::plan::Planned;

#[cfg(test)]
mod tests;

pub(super) struct Order {
    pub(super) planned: Planned,
    /// Whose it is.
    pub(super) by: Customer,
    pub(super) order_id: Uuid,
    /// What the customer agreed to pay, in minor units.
    agreed: i64,
    pub(super) story: Story,
    pub(super) mails: Vec<Mail>,
}

/// A mail that was sent.
#[derive(PartialEq, Eq)]
pub(super) struct Mail {
    pub(super) id: Uuid,
    /// What about, as `order_completed`.
    pub(super) template: String,
}

impl Mail {
    pub(super) fn file(&self) -> String {
        format!("{}.eml", self.id)
    }
}

impl Order {
    pub(super) fn new(planned: Planned, by: Customer, order_id: Uuid, agreed: i64) -> Self {
        Order { planned, by, order_id, agreed, story: Story::default(), mails: Vec::new() }
    }

    /// What the customer should be told of, by mail and on an open page: each end, of which a paid
    /// order that is cancelled has two.
    pub(super) fn news(&self) -> Vec<String> {
        let ends = self.story.changes.iter().filter(|change| is_end(&change.state));
        ends.map(|Change { state, .. }| format!("order_{state}")).collect()
    }

    pub(super) fn payment(&self) -> Option<&str> {
        self.story.payment.as_ref().map(|payment| payment.state.as_str())
    }

    /// Whether more of its story may come.
    pub(super) fn goes_on(&self) -> bool {
        !is_end(&self.story.state) || self.wrong_money().is_some()
    }

    /// What is not as it should be.
    pub(super) fn wrong(&self, mail: &MailSettings) -> Option<String> {
        if self.story.state != self.planned.end {
            return Some(format!("is {} and should be {}", self.story.state, self.planned.end));
        }
        self.wrong_money().or_else(|| self.wrong_mails(mail)).or_else(|| self.wrong_pushes())
    }

    /// Whether its money is where it belongs after such an end, and as much as was agreed to.
    fn wrong_money(&self) -> Option<String> {
        let payment = self.payment();
        let belongs = match self.story.state.as_str() {
            "completed" => payment == Some("captured"),
            // Declined, or never asked for.
            "rejected" => matches!(payment, None | Some("declined")),
            "cancelled" => matches!(payment, None | Some("declined" | "refunded")),
            _ => false,
        };
        if !belongs || (self.planned.payment.is_some() && payment != self.planned.payment) {
            return Some(format!("its payment is {}", payment.unwrap_or("not there")));
        }
        let charged = self.story.payment.as_ref().map_or(self.agreed, |payment| payment.amount);
        let (agreed, total) = (self.agreed, self.story.total);
        (agreed != total || agreed != charged)
            .then(|| format!("costs {total}, of which {charged} were paid, and should be {agreed}"))
    }

    fn wrong_mails(&self, mail: &MailSettings) -> Option<String> {
        let sent: Vec<_> = self.mails.iter().map(|mail| mail.template.as_str()).collect();
        if sent != self.news() {
            return Some(format!("has the mails {sent:?} and should have {:?}", self.news()));
        }
        let mut files = self.mails.iter().map(Mail::file);
        let lost = files.find(|file| mail.smtp_url.is_none() && !mail.mail_dir.join(file).exists());
        lost.map(|file| format!("has a mail, {file}, that is no file"))
    }

    fn wrong_pushes(&self) -> Option<String> {
        let arrived = self.by.page.as_ref()?.arrived();
        let about: Vec<_> = arrived.iter().map(|push| push.template.as_str()).collect();
        let own = arrived.iter().all(|push| push.order_id == self.order_id);
        (about != self.news() || !own).then(|| {
            format!("has {about:?} on its customer's page and should have {:?}", self.news())
        })
    }
}

fn is_end(state: &str) -> bool {
    matches!(state, "completed" | "rejected" | "cancelled")
}
