//! One suite for every transport: what the engine promises holds on the log in memory and on
//! Apache Kafka alike.

mod cases;
mod horizon;
mod script;
mod stage;

use cases::*;
use horizon::*;
use stage::{KafkaStage, MemoryStage, Stage};

macro_rules! on_every_transport {
    ($($case:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() -> anyhow::Result<()> {
                super::$case(&<super::MemoryStage as super::Stage>::open().await?).await
            })*
        }
        mod kafka {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() -> anyhow::Result<()> {
                super::$case(&<super::KafkaStage as super::Stage>::open().await?).await
            })*
        }
    };
}

on_every_transport!(
    every_record_is_handled_once_and_then_committed,
    records_of_one_key_are_handled_in_order_and_never_two_at_once,
    a_retried_key_waits_while_others_go_on,
    a_rejected_record_is_dead_lettered_with_its_bytes_and_its_origin,
    a_record_that_fails_too_often_is_dead_lettered,
    what_is_unavailable_stops_the_flow_and_dead_letters_nothing,
    too_many_failures_stop_the_group_which_goes_on_when_records_are_handled_again,
    an_offset_is_not_committed_past_an_unfinished_record,
    what_was_not_committed_comes_again_to_the_next_member,
    members_share_the_partitions_and_lose_nothing_when_one_joins_and_leaves,
    stopping_finishes_what_runs,
    a_horizon_is_what_a_group_has_finished_and_not_what_lies_unread,
);
