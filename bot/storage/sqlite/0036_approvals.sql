-- Orders that wait for a moderator. Times are milliseconds since 1970, money is in milli-credits.

-- Which orders wait: those that match all of a row. NULL is "whatever it is". `name` is as in policy_rule.
CREATE TABLE approval_rule (
    guild           INTEGER NOT NULL CHECK (guild > 0),
    number          INTEGER NOT NULL CHECK (number > 0),
    what            TEXT    NOT NULL CHECK (what IN ('model', 'task', 'family', 'everything')),
    name            TEXT    NOT NULL CHECK ((name = '') = (what = 'everything')),
    above_mcr       INTEGER CHECK (above_mcr >= 0),
    newer_than_days INTEGER CHECK (newer_than_days > 0),
    fewer_than_jobs INTEGER CHECK (fewer_than_jobs > 0),
    flagged         INTEGER NOT NULL CHECK (flagged IN (0, 1)),
    actor           INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    PRIMARY KEY (guild, number)
) STRICT, WITHOUT ROWID;

-- Members whose orders no longer wait because of a rule ("always for this member").
CREATE TABLE approval_exemption (
    guild  INTEGER NOT NULL,
    rule   INTEGER NOT NULL,
    member INTEGER NOT NULL,
    actor  INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (guild, rule, member),
    FOREIGN KEY (guild, rule) REFERENCES approval_rule (guild, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The approval of a job that waits, or waited, for a moderator. `rules` is a JSON list of the numbers of its rules. It
-- has `ended` if the job ended before anybody decided, as when it was cancelled.
CREATE TABLE job_approval (
    job        TEXT    PRIMARY KEY NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    guild      INTEGER NOT NULL,
    member     INTEGER NOT NULL,
    rules      TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'approved', 'denied', 'expired', 'ended')),
    decided_by INTEGER NOT NULL DEFAULT 0,
    at_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX job_approval_waiting ON job_approval (guild, at_ms, job) WHERE state = 'waiting';

-- How many jobs of a member (or in a channel, by a model …) had a result. Jobs of an earlier version count too.
ALTER TABLE policy_usage ADD COLUMN finished INTEGER NOT NULL DEFAULT 0 CHECK (finished >= 0);

INSERT INTO policy_usage
    (guild, scope, subject, day, day_mcr, week, week_mcr, month, month_mcr, running, last_ms, finished)
SELECT guild, 'member', CAST(member AS TEXT), 0, 0, 0, 0, 0, 0, 0, 0, COUNT(*) FROM job
WHERE state IN ('delivering', 'done', 'undelivered') GROUP BY guild, member
ON CONFLICT (guild, scope, subject) DO UPDATE SET finished = excluded.finished;

-- 1 if an entry was changed after it was posted, so that its message has to be replaced.
ALTER TABLE log_entry ADD COLUMN stale INTEGER NOT NULL DEFAULT 0 CHECK (stale IN (0, 1));

CREATE INDEX log_entry_stale ON log_entry (id) WHERE stale = 1;
