-- How much there is of each product. The checks are the last guard: a handler that would break one
-- fails instead, and its record is looked at by a person.
CREATE TABLE stock (
    product_id TEXT PRIMARY KEY,
    on_hand BIGINT NOT NULL CHECK (on_hand >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    sold BIGINT NOT NULL CHECK (sold >= 0),
    restocked_total BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CHECK (reserved <= on_hand),
    CHECK (restocked_total = on_hand + sold)
);

-- What was decided about each order: held, refused, sold or over.
CREATE TABLE order_stock (
    order_id TEXT PRIMARY KEY,
    standing TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- What an order holds or has bought, one row a product.
CREATE TABLE order_stock_line (
    order_id TEXT NOT NULL REFERENCES order_stock (order_id),
    product_id TEXT NOT NULL REFERENCES stock (product_id),
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, product_id)
);
