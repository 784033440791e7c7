-- Entries of logs that are due are read per guild, so that one guild's outage delays no other.
DROP INDEX log_entry_due;

CREATE INDEX log_entry_due ON log_entry (guild, id) WHERE state = 'due';

-- Whether the result of a job is hidden until somebody presses it, wherever it is shown.
ALTER TABLE job ADD COLUMN spoiler INTEGER NOT NULL DEFAULT 0 CHECK (spoiler IN (0, 1));

-- Whether what an allowing rule matches is hidden so.
ALTER TABLE policy_rule ADD COLUMN spoiler INTEGER NOT NULL DEFAULT 0 CHECK (spoiler IN (0, 1));
