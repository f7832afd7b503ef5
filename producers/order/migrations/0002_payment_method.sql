-- The payment provider's name for a way to pay; never a card's number.
ALTER TABLE orders ADD COLUMN payment_method TEXT;
