use std::io::Write;

use super::served::{Served, settings};
use crate::Settings;

#[tokio::test]
async fn the_books_outlive_the_process_also_one_that_was_killed_while_it_wrote() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("books.jsonl");
    let kept = || Settings { ledger: Some(file.clone()), ..settings() };
    let first = Served::with(kept()).await;
    let id = first.paid("pm_card_visa").await;
    let before = first.books.read();
    drop(first);
    let mut half = std::fs::File::options().append(true).open(&file).expect("is there");
    half.write_all(b"{\"intent\":{\"id\":\"pi_x").expect("writes");

    let second = Served::with(kept()).await;
    assert_eq!(second.books.read(), before);
    let again = second.confirm(&id, "pay").await;
    assert!(again.replayed && again.body["status"] == "succeeded", "keys are kept too");
    let refunded = second.ask("/v1/refunds", &[("payment_intent", &id)], "r").await;
    assert_eq!(refunded.status, 200);
    drop(second);

    let third = Served::with(kept()).await;
    assert_eq!(third.books.read()["given_back"], 500);
}
