//! What a person sees at the end.

use notification::MailSettings;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::client::Change;
use super::wait::Order;
use crate::table::Table;

pub(super) fn table(orders: &[Order], mail: &MailSettings) {
    let mut table =
        Table::new(&["order", "what", "placed by", "ended", "payment", "timeline", "mail"]);
    for order in orders {
        let ended = match order.wrong(mail) {
            None => order.state.clone(),
            Some(wrong) => format!("{} ({wrong})", order.state),
        };
        table.row([
            order.order_id.to_string(),
            order.planned.what.clone(),
            order.planned.way.words().to_owned(),
            ended,
            order.payment.clone().unwrap_or_else(|| "-".to_owned()),
            timeline(&order.changes),
            order.mail.map_or("-".to_owned(), |id| format!("{id}.eml")),
        ]);
    }
    println!("\n{table}");
    for order in orders {
        let last = order.changes.last();
        if let Some(detail) = last.and_then(|change| change.detail.as_deref()) {
            println!("{}: {} because {detail}", order.order_id, order.state);
        }
    }
}

/// `placed, reserved +12 ms, completed +20 ms`.
fn timeline(changes: &[Change]) -> String {
    let at = |change: &Change| OffsetDateTime::parse(&change.at, &Rfc3339).ok();
    let first = changes.first().and_then(at);
    let words = changes.iter().map(|change| match (first, at(change)) {
        (Some(first), Some(then)) if then > first => {
            format!("{} +{} ms", change.state, (then - first).whole_milliseconds())
        }
        _ => change.state.clone(),
    });
    words.collect::<Vec<_>>().join(", ")
}

pub(super) fn next(orders: &[Order], mail: &MailSettings) {
    let order = orders.first().map(|order| order.order_id.to_string()).unwrap_or_default();
    match &mail.smtp_url {
        None => println!("\nThe mails are in {}", mail.mail_dir.display()),
        Some(_) => println!("\nThe mails went to your mail server"),
    }
    println!(
        r#"
What to try next (the broker still runs; `make down` stops it):
  make console TOPIC=orders            the story of every order, as Kafka's own tool shows it
  make groups                          the consumer groups, their offsets and their lag
  scripts/run.sh orderline trace {order}
                                       one order's records, across all topics
  scripts/run.sh orderline up          all services again; then, in another terminal:
  curl -i localhost:8104/users --json '{{"email": "ada@example.com", "password": "two cups of green tea"}}'
  TOKEN=$(curl -s localhost:8104/sessions --json '{{"email": "ada@example.com", "password": "two cups of green tea"}}' \
    | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -i localhost:8101/orders -H "Authorization: Bearer $TOKEN" -H 'Idempotency-Key: first' \
    --json '{{"email": "ada@example.com", "currency": "EUR", "lines": [{{"sku": "TEA-01", "quantity": 2}}]}}'"#
    );
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
            change("completed", "2026-01-02T03:04:05.121Z"),
        ];
        assert_eq!(timeline(&changes), "placed, completed +21 ms");
    }
}
