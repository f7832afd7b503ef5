use shop_events::{StockLevelChanged, StockRejected, StockReserved};
use uuid::Uuid;

use super::made::{cancelled, completed, delisted, listed, placed, rejected, restocked};
use super::running::Inventory;
use shop_testkit::database::Kind;

shop_testkit::on_every_database!(
    exactly_enough_is_reserved_and_then_sold,
    one_line_too_few_and_nothing_is_held,
    an_order_that_cannot_be_is_refused_and_not_dead_lettered,
    what_a_rejected_or_cancelled_order_held_is_free_again_once,
    a_completed_order_that_is_cancelled_gives_its_goods_back,
    an_order_cancelled_before_it_was_seen_is_never_reserved,
    a_completed_order_that_holds_nothing_is_looked_at_by_a_person,
    a_restock_counts_once_however_late_or_often_it_comes,
    each_change_is_told_with_the_whole_level_and_who_caused_it,
);

async fn stocked(on: Kind, products: &[(&str, i64)]) -> Inventory {
    let inventory = Inventory::start(on).await;
    for (product, total) in products {
        inventory.publish(&listed(product, *total)).await;
    }
    inventory.settled().await;
    inventory
}

async fn exactly_enough_is_reserved_and_then_sold(on: Kind) {
    let inventory = stocked(on, &[("A", 3), ("B", 1)]).await;
    inventory.publish(&placed(1, &[("B", 1), ("A", 1), ("A", 2)])).await;
    inventory.settled().await;
    let reserved = inventory.told::<StockReserved>();
    let lines: Vec<_> = reserved[0].lines.iter().map(|l| (&*l.product_id, l.quantity)).collect();
    assert_eq!((reserved.len(), lines), (1, vec![("A", 3), ("B", 1)]));
    assert_eq!(inventory.level("A").await.available(), 0);

    inventory.publish(&completed(1)).await;
    inventory.settled().await;
    let level = inventory.level("A").await;
    assert_eq!((level.on_hand, level.reserved, level.sold), (0, 0, 3));
    assert!(level.is_conserved());
}

async fn one_line_too_few_and_nothing_is_held(on: Kind) {
    let inventory = stocked(on, &[("A", 3), ("B", 1)]).await;
    inventory.publish(&placed(1, &[("A", 1), ("B", 2), ("GHOST", 1)])).await;
    inventory.settled().await;
    let told = inventory.told::<StockRejected>();
    let [rejected] = &told[..] else { panic!("{told:?}") };
    assert_eq!((rejected.shortages.len(), rejected.shortages[0].available), (2, 1));
    assert!(rejected.detail.as_deref().unwrap_or_default().contains("GHOST is unknown"));
    assert_eq!(inventory.level("A").await.reserved, 0);
    assert!(inventory.told::<StockReserved>().is_empty());
}

async fn an_order_that_cannot_be_is_refused_and_not_dead_lettered(on: Kind) {
    let inventory = stocked(on, &[("A", 3)]).await;
    inventory.publish(&placed(1, &[])).await;
    inventory.publish(&placed(2, &[("A", -1)])).await;
    inventory.settled().await;
    assert_eq!((inventory.told::<StockRejected>().len(), inventory.dead_letters()), (2, 0));
}

async fn what_a_rejected_or_cancelled_order_held_is_free_again_once(on: Kind) {
    let inventory = stocked(on, &[("A", 5)]).await;
    for order in 1..=2 {
        inventory.publish(&placed(order, &[("A", 2)])).await;
    }
    inventory.publish(&rejected(1)).await;
    inventory.publish(&cancelled(1)).await;
    inventory.publish(&cancelled(2)).await;
    inventory.publish(&cancelled(2)).await;
    inventory.settled().await;
    let level = inventory.level("A").await;
    assert_eq!((level.available(), level.reserved, level.version), (5, 0, 5));
}

async fn a_completed_order_that_is_cancelled_gives_its_goods_back(on: Kind) {
    let inventory = stocked(on, &[("A", 5)]).await;
    inventory.publish(&placed(1, &[("A", 2)])).await;
    inventory.publish(&completed(1)).await;
    inventory.publish(&cancelled(1)).await;
    inventory.settled().await;
    let level = inventory.level("A").await;
    assert_eq!((level.on_hand, level.sold, level.is_conserved()), (5, 0, true));
}

async fn an_order_cancelled_before_it_was_seen_is_never_reserved(on: Kind) {
    let inventory = stocked(on, &[("A", 5)]).await;
    inventory.publish(&cancelled(1)).await;
    inventory.publish(&placed(1, &[("A", 2)])).await;
    inventory.settled().await;
    assert_eq!(inventory.level("A").await.reserved, 0);
    assert!(inventory.told::<StockReserved>().is_empty());
}

async fn a_completed_order_that_holds_nothing_is_looked_at_by_a_person(on: Kind) {
    let inventory = stocked(on, &[("A", 1)]).await;
    inventory.publish(&placed(1, &[("A", 2)])).await;
    inventory.publish(&completed(1)).await;
    inventory.publish(&completed(2)).await;
    inventory.settled().await;
    assert_eq!((inventory.dead_letters(), inventory.level("A").await.sold), (2, 0));
}

async fn a_restock_counts_once_however_late_or_often_it_comes(on: Kind) {
    let inventory = stocked(on, &[("A", 5)]).await;
    let first = inventory.record(&restocked("A", 3, 8));
    inventory.send(first.clone()).await;
    inventory.send(first).await;
    inventory.publish(&restocked("A", 2, 10)).await;
    inventory.publish(&restocked("A", 3, 8)).await;
    inventory.publish(&delisted("A", 11)).await;
    inventory.publish(&restocked("A", 1, -1)).await;
    inventory.settled().await;
    let level = inventory.level("A").await;
    assert_eq!((level.on_hand, level.restocked_total, level.version), (11, 11, 4));
    assert_eq!(inventory.dead_letters(), 1);
}

async fn each_change_is_told_with_the_whole_level_and_who_caused_it(on: Kind) {
    let inventory = stocked(on, &[("A", 5)]).await;
    inventory.publish(&placed(7, &[("A", 2)])).await;
    inventory.settled().await;
    let told = inventory.told::<StockLevelChanged>();
    let last = told.iter().max_by_key(|change| change.version).expect("told");
    assert_eq!((told.len(), last.version, last.on_hand, last.available), (2, 2, 5, 3));
    assert_eq!(last.order_id, Some(Uuid::from_u128(7)));
}
