//! What became of the orders, as a person sees it.

use notification::MailSettings;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::order::{Mail, Order};
use super::orders::Change;
use crate::table::Table;

/// Where an order has not gone as it should.
const WRONG: &str = " (wrong)";

pub(super) fn all(orders: &[Order], mail: &MailSettings) {
    println!("\n{}", ends(orders, mail));
    println!("{}", ids(orders));
    match &mail.smtp_url {
        None => println!("The mails are in {}", mail.mail_dir.display()),
        Some(_) => println!("The mails went to your mail server"),
    }
    println!("\nOn the open pages:\n{}", pages(orders));
}

/// An order a line, in the width of a terminal.
fn ends(orders: &[Order], mail: &MailSettings) -> Table {
    let head = ["customer", "order", "by", "ended", "payment", "ms from placing", "mail", "push"];
    let mut table = Table::new(&head);
    for order in orders {
        let wrong = order.wrong(mail).map_or("", |_| WRONG);
        let mails = order.mails.iter().map(|mail| mail.template.as_str());
        let page = order.by.page.as_ref().map(|page| page.arrived());
        let pushes = page.map(|arrived| about(arrived.iter().map(|push| push.template.as_str())));
        table.row([
            order.by.name.to_owned(),
            order.planned.words(),
            order.planned.way.words().to_owned(),
            format!("{}{wrong}", order.story.state),
            order.payment().unwrap_or("-").to_owned(),
            timeline(&order.story.changes),
            about(mails),
            pushes.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    table
}

/// What is too long for that, and is copied.
fn ids(orders: &[Order]) -> Table {
    let mut table = Table::new(&["customer", "order's id", "last mail", "why it ended"]);
    for order in orders {
        let detail = order.story.changes.last().and_then(|change| change.detail.clone());
        table.row([
            order.by.name.to_owned(),
            order.order_id.to_string(),
            order.mails.last().map_or("-".to_owned(), Mail::file),
            detail.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    table
}

fn pages(orders: &[Order]) -> Table {
    let mut table = Table::new(&["customer", "message"]);
    for order in orders {
        for push in order.by.page.iter().flat_map(|page| page.arrived()) {
            table.row([order.by.name.to_owned(), push.body]);
        }
    }
    table
}

/// `completed, cancelled` of `order_completed` and `order_cancelled`.
fn about<'a>(templates: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = templates.map(|name| name.trim_start_matches("order_")).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// `reserved 12, completed 20`.
fn timeline(changes: &[Change]) -> String {
    let at = |change: &Change| OffsetDateTime::parse(&change.at, &Rfc3339).ok();
    let Some((first, later)) = changes.split_first() else { return "-".to_owned() };
    let words = later.iter().map(|change| match at(first).zip(at(change)) {
        Some((first, then)) => format!("{} {}", change.state, (then - first).whole_milliseconds()),
        None => change.state.clone(),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_counts_from_the_first_state() {
        let change =
            |state: &str, at: &str| Change { state: state.into(), at: at.into(), detail: None };
        let changes = [
            change("placed", "2026-01-02T03:04:05.100Z"),
            change("reserved", "2026-01-02T03:04:05.121Z"),
            change("completed", "2026-01-02T03:04:06.100Z"),
        ];
        assert_eq!(timeline(&changes), "reserved 21, completed 1000");
    }

    #[test]
    fn what_customers_are_told_of_is_named_in_a_word() {
        assert_eq!(
            about(["order_completed", "order_cancelled"].into_iter()),
            "completed, cancelled"
        );
        assert_eq!(about([].into_iter()), "nothing");
    }
}
