-- Statements read a guild's transfers of a period in the order of their time.
CREATE INDEX transfer_by_time ON transfer (guild, at_ms);
