-- How long runs took, learned from those that succeeded: the newest 400 of each model and size. Milliseconds.
CREATE TABLE duration (
    id         INTEGER PRIMARY KEY,
    model      TEXT    NOT NULL,
    size       TEXT    NOT NULL,
    job        TEXT    NOT NULL,
    prediction INTEGER NOT NULL,
    start_ms   INTEGER NOT NULL CHECK (start_ms >= 0),
    run_ms     INTEGER NOT NULL CHECK (run_ms >= 0),
    UNIQUE (job, prediction)
) STRICT;

CREATE INDEX duration_newest ON duration (model, size, id);
