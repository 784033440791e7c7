-- The running processes of a bot that has several, each with a number that grows with each start. A process whose row
-- is gone writes no more. With SQLite there is one process, and no row.
CREATE TABLE process (
    token    INTEGER NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL UNIQUE,
    role     TEXT    NOT NULL CHECK (role IN ('gateway', 'worker')),
    until_ms INTEGER NOT NULL,
    ready    INTEGER NOT NULL DEFAULT 0 CHECK (ready IN (0, 1))
) STRICT;

-- The process that takes a job's steps; 0 is nobody in particular, as in a bot with one process.
ALTER TABLE job ADD COLUMN holder INTEGER NOT NULL DEFAULT 0 CHECK (holder >= 0);
CREATE INDEX job_held ON job (holder) WHERE holder > 0;

-- Calls per second that all processes may make together: up to this moment, in microseconds since 1970, they are given out.
CREATE TABLE budget (
    name    TEXT    NOT NULL PRIMARY KEY,
    free_us INTEGER NOT NULL
) STRICT;
