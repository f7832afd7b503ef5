CREATE TABLE people (
    user_id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT,
    email_enabled BIGINT NOT NULL,
    push_enabled BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE devices (
    user_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    gone_at BIGINT,
    PRIMARY KEY (user_id, endpoint)
);

CREATE TABLE messages (
    user_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    template TEXT NOT NULL,
    body TEXT NOT NULL,
    at_micros BIGINT NOT NULL,
    PRIMARY KEY (user_id, number)
);

CREATE TABLE sent (
    message_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (message_id, endpoint)
);

CREATE INDEX sent_by_user ON sent (user_id);

CREATE TABLE vapid_key (
    name TEXT PRIMARY KEY,
    secret TEXT NOT NULL
);
