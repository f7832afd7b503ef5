-- When the order was reserved: what is too long ago is not charged any more, also where that was begun in
-- time. None for what was written before, which counts from `opened_at`, and where an order was never reserved.
ALTER TABLE payments ADD COLUMN reserved_at BIGINT;
