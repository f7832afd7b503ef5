-- The one open cart of a user; it goes when it is checked out.
CREATE TABLE carts (
    user_id TEXT PRIMARY KEY,
    cart_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Its lines, in the order in which they were added, each with the price of one at that time.
CREATE TABLE cart_lines (
    user_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    price BIGINT NOT NULL,
    PRIMARY KEY (user_id, product_id)
);

-- What was checked out; the id follows from the user and the idempotency key.
CREATE TABLE checkouts (
    checkout_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    total BIGINT NOT NULL,
    currency TEXT NOT NULL,
    checked_out_at BIGINT NOT NULL
);

CREATE INDEX checkouts_by_user ON checkouts (user_id);

-- What is known of products, of their stock and of users: as much as carts need.
CREATE TABLE products (
    product_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    price BIGINT NOT NULL,
    currency TEXT NOT NULL,
    listed BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE stock (
    product_id TEXT PRIMARY KEY,
    available BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE contacts (
    user_id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT,
    version BIGINT NOT NULL
);
