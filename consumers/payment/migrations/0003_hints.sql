-- How often the provider has spoken of it since a round has last looked. Until one looks, nobody else's change
-- puts that look off.
ALTER TABLE payments ADD COLUMN hints BIGINT NOT NULL DEFAULT 0;
