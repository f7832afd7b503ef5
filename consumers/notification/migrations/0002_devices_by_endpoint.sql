CREATE INDEX devices_by_endpoint ON devices (endpoint);
