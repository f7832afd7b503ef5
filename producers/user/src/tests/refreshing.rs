use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use shop_testkit::database::Kind;
use sqlx::Row;

use super::world::{Session, World, read, session};

shop_testkit::on_every_database!(
    each_refresh_gives_the_next_tokens_of_the_same_session,
    a_token_that_is_used_again_ends_its_session_for_all_who_have_it,
    however_old_a_token_is_it_is_known_for_one_of_its_session,
    a_hundred_refreshes_of_one_token_have_one_winner_and_end_the_session,
    a_token_that_nobody_uses_expires,
    a_session_ends_however_often_it_is_refreshed,
    what_is_no_token_of_ours_is_refused_like_one_that_is_over,
    the_database_holds_no_token,
);

const DAY: Duration = Duration::from_secs(86_400);

async fn each_refresh_gives_the_next_tokens_of_the_same_session(on: Kind) {
    let world = World::open(on).await;
    let (user_id, mut known) = world.customer("ada@example.com").await;
    let first = known.clone();
    for _ in 0..3 {
        world.later(Duration::from_secs(600));
        let answer = world.refresh(&known).await;
        assert_eq!(answer.headers["cache-control"], "no-store");
        let next = session(&answer);
        assert_ne!((&next.refresh, &next.access), (&known.refresh, &known.access));
        known = next;
    }
    let ((_, before), (_, now)) = (read(&first.access), read(&known.access));
    assert_eq!((&now["sub"], &now["sid"]), (&json!(user_id), &before["sid"]));
    assert!(world.is_signed_in(&known).await);
}

async fn refused(world: &World, known: &Session) {
    let answer = world.refresh(known).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert_eq!(answer.kind(), "signed-out");
}

async fn a_token_that_is_used_again_ends_its_session_for_all_who_have_it(on: Kind) {
    let world = World::open(on).await;
    let (_, stolen) = world.customer("ada@example.com").await;
    let elsewhere = world.sign_in("ada@example.com").await;
    let thief = session(&world.refresh(&stolen).await);
    refused(&world, &stolen).await;
    refused(&world, &thief).await;
    assert!(!world.is_signed_in(&thief).await);
    assert!(world.is_signed_in(&elsewhere).await, "it is that session alone");
}

async fn however_old_a_token_is_it_is_known_for_one_of_its_session(on: Kind) {
    let world = World::open(on).await;
    let (_, first) = world.customer("ada@example.com").await;
    let mut known = first.clone();
    for _ in 0..10 {
        world.later(DAY);
        known = session(&world.refresh(&known).await);
    }
    refused(&world, &first).await;
    refused(&world, &known).await;
}

async fn a_hundred_refreshes_of_one_token_have_one_winner_and_end_the_session(on: Kind) {
    let world = World::open(on).await;
    let (_, known) = world.customer("ada@example.com").await;
    let answers = futures::future::join_all((0..100).map(|_| world.refresh(&known))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 99));
    for answer in lost {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    }
    refused(&world, &session(won[0])).await;
}

async fn a_token_that_nobody_uses_expires(on: Kind) {
    let world = World::open(on).await;
    let (_, known) = world.customer("ada@example.com").await;
    world.later(14 * DAY - Duration::from_secs(1));
    let next = session(&world.refresh(&known).await);
    world.later(14 * DAY);
    refused(&world, &next).await;
}

async fn a_session_ends_however_often_it_is_refreshed(on: Kind) {
    let world = World::open(on).await;
    let (_, mut known) = world.customer("ada@example.com").await;
    for _ in 0..9 {
        world.later(9 * DAY);
        known = session(&world.refresh(&known).await);
    }
    let answer = world.refresh(&known).await;
    assert_eq!(answer.body["refresh_expires_in"], 9 * 86_400, "no token outlives its session");
    known = session(&answer);
    world.later(9 * DAY);
    refused(&world, &known).await;
    assert!(!world.is_signed_in(&known).await);
}

async fn what_is_no_token_of_ours_is_refused_like_one_that_is_over(on: Kind) {
    let world = World::open(on).await;
    let (_, known) = world.customer("ada@example.com").await;
    let mut forged = known.refresh.clone();
    forged.replace_range(..1, if forged.starts_with('A') { "B" } else { "A" });
    for text in ["", "x", "\0", &"A".repeat(64), &"A".repeat(60_000), &known.access, &forged] {
        refused(&world, &Session { refresh: text.to_owned(), ..known.clone() }).await;
    }
    assert!(world.is_signed_in(&known).await);
}

async fn the_database_holds_no_token(on: Kind) {
    let world = World::open(on).await;
    let (_, known) = world.customer("ada@example.com").await;
    let rows = sqlx::query("SELECT family_id, handle, token FROM families");
    let rows = rows.fetch_all(world.reader()).await.unwrap();
    for column in 0..3 {
        let kept: String = rows[0].get(column);
        assert!(!known.refresh.contains(&kept[..16]) && !kept.contains(&known.refresh[..16]));
    }
}
