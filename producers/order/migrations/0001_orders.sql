CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    order_ref TEXT,
    checkout_id TEXT UNIQUE,
    cart_id TEXT,
    email TEXT,
    customer TEXT,
    lines TEXT NOT NULL,
    total BIGINT NOT NULL,
    currency TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    correlation TEXT NOT NULL,
    idempotency_key TEXT,
    request_hash TEXT,
    UNIQUE (channel, order_ref),
    UNIQUE (user_id, idempotency_key)
);

CREATE INDEX orders_by_user ON orders (user_id, placed_at, order_id);

CREATE TABLE order_changes (
    order_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT,
    at_micros BIGINT NOT NULL,
    PRIMARY KEY (order_id, version)
);

CREATE TABLE products (
    product_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    price BIGINT NOT NULL,
    currency TEXT NOT NULL,
    listed BIGINT NOT NULL,
    version BIGINT NOT NULL
);
