-- Pages of jobs by index alone: in the order in which they are shown, with the id that tells equal times apart.
DROP INDEX job_member;
CREATE INDEX job_member ON job (guild, member, created_ms, id);
DROP INDEX job_guild;
CREATE INDEX job_guild ON job (guild, created_ms, id);

-- Pages of jobs that have ended in a certain way. SQLite uses them only if a query repeats the condition
-- (job_listing_rows.ENDED).
CREATE INDEX job_ended ON job (guild, state, created_ms, id)
    WHERE state IN ('done', 'undelivered', 'failed', 'cancelled', 'expired', 'orphaned');
CREATE INDEX job_ended_of_member ON job (guild, member, state, created_ms, id)
    WHERE state IN ('done', 'undelivered', 'failed', 'cancelled', 'expired', 'orphaned');
DROP INDEX job_undelivered;

-- Of two indexes that fit a question equally well SQLite takes the younger one, and this one has only running jobs.
DROP INDEX job_running;
CREATE INDEX job_running ON job (guild, member) WHERE state = 'running';

-- A start moves the stored times of unfinished jobs by the downtime, some in each transaction. These are still to be
-- moved, by `moving_ms`. A start that was interrupted is completed by the next one.
CREATE TABLE time_move (
    job TEXT NOT NULL PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
ALTER TABLE uptime ADD COLUMN moving_ms INTEGER NOT NULL DEFAULT 0 CHECK (moving_ms >= 0);
