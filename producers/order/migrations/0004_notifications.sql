-- What the customer of each order was told; times are microseconds since the Unix epoch.
CREATE TABLE order_notifications (
    notification_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    template TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    at_micros BIGINT NOT NULL
);

CREATE INDEX order_notifications_by_order ON order_notifications (order_id);
