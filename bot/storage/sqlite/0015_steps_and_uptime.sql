-- Tries and pauses of a job's steps, each kind counted on its own, and the last time that Easel was known to be running.

-- One kind of step that failed for now: how often in a row, and when it is due again. A job that moves on has none.
CREATE TABLE step_pause (
    job      TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    step     TEXT    NOT NULL,
    tries    INTEGER NOT NULL CHECK (tries > 0),
    retry_ms INTEGER NOT NULL,
    PRIMARY KEY (job, step)
) STRICT, WITHOUT ROWID;

-- A run that Easel no longer waits for although it may go on: the provider is asked to stop it.
ALTER TABLE prediction ADD COLUMN abandoned INTEGER NOT NULL DEFAULT 0 CHECK (abandoned IN (0, 1));
CREATE INDEX prediction_to_stop ON prediction (job) WHERE abandoned = 1 AND cancel_sent = 0;

-- One row. Time after `seen_ms` until the next start does not count for any job.
CREATE TABLE uptime (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    seen_ms INTEGER NOT NULL
) STRICT;
