-- Who deleted the message of a job's result, and when; 0 as long as nobody did. If it was not the job's own member, it
-- was a moderator, and nobody may use the result any more.
ALTER TABLE job ADD COLUMN removed_by INTEGER NOT NULL DEFAULT 0 CHECK (removed_by >= 0);
ALTER TABLE job ADD COLUMN removed_ms INTEGER NOT NULL DEFAULT 0 CHECK (removed_ms >= 0);

-- Whether the message that these pictures are from was private: then what is made from them is private too.
ALTER TABLE picked ADD COLUMN private INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1));
