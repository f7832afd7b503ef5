use std::path::Path;

use clap::Parser;

use super::super::orders::Payment;
use super::super::page::{Page, Push};
use super::super::plan;
use super::*;
use crate::accounts::Account;

const ID: Uuid = Uuid::from_u128(7);

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    mail: MailSettings,
}

fn mails_to(folder: &Path) -> MailSettings {
    let folder = folder.to_str().expect("a path");
    Options::try_parse_from(["demo", "--mail-dir", folder]).expect("settings").mail
}

fn push(order_id: Uuid, template: &str) -> Push {
    Push { template: template.into(), order_id, body: String::new() }
}

fn change(state: &str) -> Change {
    Change { state: state.into(), at: String::new(), detail: None }
}

/// Paid, cancelled and refunded, with its mails in this folder, and its customer's page.
fn right(folder: &Path) -> Order {
    let planned = plan::orders(&Default::default());
    let planned = planned.into_iter().find(|order| order.payment == Some("refunded")).expect("one");
    let page = Page::with(vec![push(ID, "order_completed"), push(ID, "order_cancelled")]);
    let by = Customer { name: "Maryam", account: Account::unknown(), page: Some(page) };
    let mut order = Order::new(planned, by, ID, 900);
    order.story = Story {
        order_id: ID,
        state: "cancelled".into(),
        total: 900,
        changes: ["placed", "reserved", "completed", "cancelled"].map(change).to_vec(),
        payment: Some(Payment { state: "refunded".into(), amount: 900 }),
    };
    for (id, template) in [(1, "order_completed"), (2, "order_cancelled")] {
        let mail = Mail { id: Uuid::from_u128(id), template: template.into() };
        std::fs::write(folder.join(mail.file()), "").expect("written");
        order.mails.push(mail);
    }
    order
}

fn payment(order: &mut Order) -> &mut Payment {
    order.story.payment.as_mut().expect("a payment")
}

#[test]
fn an_order_is_wrong_by_anything_that_it_does_not_have_as_it_should() {
    type Spoil = fn(&mut Order);
    let cases: [(&str, Spoil); 11] = [
        ("should be cancelled", |order| order.story.state = "completed".into()),
        ("payment is captured", |order| payment(order).state = "captured".into()),
        ("payment is not there", |order| order.story.payment = None),
        ("costs 900, of which 901", |order| payment(order).amount = 901),
        ("costs 899", |order| order.story.total = 899),
        ("has the mails [\"order_completed\"]", |order| order.mails.truncate(1)),
        ("has the mails", |order| order.mails.swap(0, 1)),
        ("that is no file", |order| order.mails[1].id = Uuid::from_u128(3)),
        ("on its customer's page", |order| order.by.page = Some(Page::with(Vec::new()))),
        ("on its customer's page", |order| {
            let pushes = ["order_completed", "order_cancelled", "order_cancelled"];
            order.by.page = Some(Page::with(pushes.map(|about| push(ID, about)).to_vec()));
        }),
        ("on its customer's page", |order| {
            let another = Uuid::from_u128(8);
            let pushes = [push(ID, "order_completed"), push(another, "order_cancelled")];
            order.by.page = Some(Page::with(pushes.to_vec()));
        }),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let mail = mails_to(folder.path());
    for (words, spoil) in cases {
        let mut order = right(folder.path());
        assert_eq!(order.wrong(&mail), None);
        spoil(&mut order);
        let wrong = order.wrong(&mail).unwrap_or_default();
        assert!(wrong.contains(words), "{words}: {wrong}");
    }
}

#[test]
fn who_has_no_page_open_is_told_nothing_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let mail = mails_to(folder.path());
    let mut order = right(folder.path());
    order.by.page = None;
    assert_eq!(order.wrong(&mail), None);
}

#[test]
fn an_order_goes_on_until_its_money_is_where_it_belongs() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut order = right(folder.path());
    assert!(!order.goes_on());
    payment(&mut order).state = "captured".into();
    assert!(order.goes_on());
}
