-- What the payment service has said of each order; times are microseconds since the Unix epoch.
CREATE TABLE order_payments (
    order_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL,
    state TEXT NOT NULL,
    amount BIGINT NOT NULL,
    reference TEXT,
    refund_reference TEXT,
    detail TEXT,
    captured_at BIGINT,
    declined_at BIGINT,
    refunded_at BIGINT
);

-- The few that are not over are looked for by it: those whose time is up.
CREATE INDEX orders_by_state ON orders (state);
