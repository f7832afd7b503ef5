-- Those that somebody has to give back by hand are counted every second, and are few.
CREATE INDEX payments_refund_failed ON payments (changed_at) WHERE state = 'refund_failed';
