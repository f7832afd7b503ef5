CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    detail TEXT,
    channel TEXT NOT NULL,
    order_ref TEXT,
    lines TEXT NOT NULL,
    total BIGINT NOT NULL,
    currency TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX orders_by_user ON orders (user_id, placed_at, order_id);

CREATE TABLE notifications (
    notification_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    order_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    template TEXT NOT NULL,
    recipient TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    detail TEXT,
    at_micros BIGINT NOT NULL
);

CREATE INDEX notifications_by_user ON notifications (user_id, at_micros, notification_id);
