CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    name TEXT,
    role TEXT NOT NULL,
    locale TEXT NOT NULL,
    email_enabled BIGINT NOT NULL,
    push_enabled BIGINT NOT NULL,
    push_subscriptions TEXT NOT NULL,
    version BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX users_by_registered ON users (registered_at, user_id);

-- One row, which every change of who is an admin writes: so two of them that run at once meet.
CREATE TABLE admins (
    id BIGINT PRIMARY KEY,
    count BIGINT NOT NULL
);

INSERT INTO admins (id, count) VALUES (1, 0);
