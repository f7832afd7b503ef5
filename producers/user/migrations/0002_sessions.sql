CREATE TABLE families (
    family_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    handle TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    refreshed_at BIGINT NOT NULL,
    token_ends_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);

CREATE INDEX families_by_user ON families (user_id, refreshed_at);

CREATE TABLE signing_keys (
    number BIGINT PRIMARY KEY,
    kid TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    private_key TEXT NOT NULL,
    signs_from BIGINT NOT NULL
);
