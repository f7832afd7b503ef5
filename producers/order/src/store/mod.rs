//! The tables: orders with their changes, what payment said of them and what their customers were told, and
//! what is known of the products.

pub(crate) mod notifications;
pub(crate) mod orders;
pub(crate) mod payments;
pub(crate) mod products;

use pipeline::{Failure, Migration};
use shop_service::http::Problem;

/// In the order they are applied.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { name: "order/0001", sql: include_str!("../../migrations/0001_orders.sql") },
    Migration { name: "order/0002", sql: include_str!("../../migrations/0002_payment_method.sql") },
    Migration { name: "order/0003", sql: include_str!("../../migrations/0003_payments.sql") },
    Migration { name: "order/0004", sql: include_str!("../../migrations/0004_notifications.sql") },
];

/// Why an order could not be taken to its next state.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdvanceError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Another instance changed it between reading and writing.
    #[error("the order was changed at the same time")]
    Crossed,
}

impl From<AdvanceError> for Failure {
    fn from(error: AdvanceError) -> Self {
        match error {
            AdvanceError::Database(error) => error.into(),
            AdvanceError::Crossed => Failure::retry(error),
        }
    }
}

impl From<AdvanceError> for Problem {
    fn from(error: AdvanceError) -> Self {
        match error {
            AdvanceError::Database(error) => error.into(),
            AdvanceError::Crossed => Problem::unavailable(
                "The order was changed at the same time. Send the request again.",
            ),
        }
    }
}
