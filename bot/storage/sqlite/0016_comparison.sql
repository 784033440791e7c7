-- Jobs to be compared with Discord and the provider before anything is done about them, because this database may be
-- older than the world: `seen_ms` is its last time before this start. `restored` is 1 once that is certain. `brief` is 1
-- after a short break: then a look at one of these jobs decides for all.
CREATE TABLE comparison (
    job      TEXT    NOT NULL PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
    seen_ms  INTEGER NOT NULL,
    brief    INTEGER NOT NULL CHECK (brief IN (0, 1)),
    restored INTEGER NOT NULL CHECK (restored IN (0, 1))
) STRICT, WITHOUT ROWID;

-- One row in a copy that was made by `easel backup` or before a schema change, and none in the original.
CREATE TABLE copy_mark (
    id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;
