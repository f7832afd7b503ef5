use pipeline::Event;

use crate::*;

/// One record type: what a program that knows no Rust type needs to know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordInfo {
    /// The full Avro name, which is also the subject in the registry.
    pub name: &'static str,
    /// The topic it is published on.
    pub topic: &'static str,
    /// The name of its file in `schemas/avro/`.
    pub file: &'static str,
    /// The text of that file.
    pub schema: &'static str,
}

macro_rules! records {
    ($($topic:literal $space:literal by $key:ident { $($type:ident $file:literal,)+ })+) => {
        $($(
            impl Event for $type {
                const TYPE: &'static str = concat!("orderline.", $space, ".", stringify!($type));
                const TOPIC: &'static str = $topic;
                const SCHEMA: &'static str = include_str!(concat!("../avro/", $file, ".avsc"));

                fn key(&self) -> String {
                    self.$key.to_string()
                }
            }
        )+)+

        /// Every record type, in the order of the flow.
        pub fn all() -> &'static [RecordInfo] {
            const ALL: &[RecordInfo] = &[$($(
                RecordInfo {
                    name: <$type as Event>::TYPE,
                    topic: <$type as Event>::TOPIC,
                    file: concat!($file, ".avsc"),
                    schema: <$type as Event>::SCHEMA,
                },
            )+)+];
            ALL
        }

        #[cfg(test)]
        macro_rules! for_each_record {
            ($check:ident) => {{ $($( $check::<$type>(); )+)+ }};
        }
        #[cfg(test)]
        pub(crate) use for_each_record;
    };
}

records! {
    "users" "users" by user_id {
        UserRegistered "user_registered",
        UserProfileChanged "user_profile_changed",
        UserRoleChanged "user_role_changed",
    }
    "products" "products" by product_id {
        ProductListed "product_listed",
        ProductRepriced "product_repriced",
        ProductDelisted "product_delisted",
        ProductRestocked "product_restocked",
    }
    "stock-levels" "stock_levels" by product_id {
        StockLevelChanged "stock_level_changed",
    }
    "carts" "carts" by user_id {
        CartCheckedOut "cart_checked_out",
    }
    "orders" "orders" by order_id {
        OrderPlaced "order_placed",
        OrderReserved "order_reserved",
        OrderCompleted "order_completed",
        OrderRejected "order_rejected",
        OrderCancelled "order_cancelled",
    }
    "reservations" "reservations" by order_id {
        StockReserved "stock_reserved",
        StockRejected "stock_rejected",
    }
    "payments" "payments" by order_id {
        PaymentCaptured "payment_captured",
        PaymentDeclined "payment_declined",
        PaymentRefunded "payment_refunded",
    }
    "notifications" "notifications" by order_id {
        NotificationSent "notification_sent",
        NotificationFailed "notification_failed",
    }
}
