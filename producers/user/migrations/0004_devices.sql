CREATE TABLE devices (
    endpoint TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE
);

CREATE INDEX devices_by_user ON devices (user_id);
