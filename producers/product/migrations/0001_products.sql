-- The catalogue. `search` is what is looked through: SKU, name and description in lower case.
CREATE TABLE products (
    product_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    price BIGINT NOT NULL,
    currency TEXT NOT NULL,
    listed BIGINT NOT NULL,
    restocked_total BIGINT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    search TEXT NOT NULL
);

-- What was decided here, one row an event: who changed what when. A record on `products` that is not
-- among these is another program's.
CREATE TABLE product_changes (
    event_id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    restocked_total BIGINT NOT NULL,
    changed_by TEXT,
    changed_at BIGINT NOT NULL,
    idempotency_key TEXT,
    request_hash TEXT,
    UNIQUE (product_id, version),
    UNIQUE (changed_by, idempotency_key)
);

-- What inventory last said can be ordered.
CREATE TABLE stock (
    product_id TEXT PRIMARY KEY,
    available BIGINT NOT NULL,
    version BIGINT NOT NULL
);
