CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    event_id TEXT NOT NULL,
    state TEXT NOT NULL,
    at_micros BIGINT NOT NULL,
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_by_time ON inbox (at_micros);
CREATE TABLE outbox (
    id BIGSERIAL PRIMARY KEY,
    topic TEXT NOT NULL,
    record_key TEXT NOT NULL,
    payload BYTEA NOT NULL,
    headers TEXT NOT NULL
);
-- Holds nothing: a transaction that writes locks it, shared where it runs beside others.
CREATE TABLE turn (nothing BOOLEAN);
