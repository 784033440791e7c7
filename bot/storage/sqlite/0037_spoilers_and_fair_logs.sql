-- Entries of logs that are due are read per guild, so that one guild's outage delays no other.
DROP INDEX log_entry_due;

CREATE INDEX log_entry_due ON log_entry (guild, id) WHERE state = 'due';
