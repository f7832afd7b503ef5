-- One row an order: what was, is and will be charged for it. No card data: `method` is the provider's
-- name for a way to pay.
CREATE TABLE payments (
    order_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    method TEXT,
    provider TEXT NOT NULL,
    state TEXT NOT NULL,
    give_back BIGINT NOT NULL,
    intent TEXT UNIQUE,
    refund TEXT,
    refunded_at BIGINT,
    reason TEXT,
    detail TEXT,
    correlation TEXT NOT NULL,
    version BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    look_at BIGINT,
    looks BIGINT NOT NULL
);

-- Those that somebody has to look at again.
CREATE INDEX payments_to_look_at ON payments (look_at);

-- Webhook events that were taken: each comes once or more often.
CREATE TABLE webhook_events (
    event_id TEXT PRIMARY KEY,
    at_micros BIGINT NOT NULL
);
