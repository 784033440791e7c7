-- That all processes of a bot that has several are to accept no new orders: since when, and who asked for it. Each drain
-- has another number. With SQLite there is one process, which stores no drain.
CREATE TABLE drain (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    number   INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    asked_by TEXT    NOT NULL
) STRICT;

-- The number of the drain that a process obeys, and how many interactions it handles that came before: they may still
-- become jobs.
ALTER TABLE process ADD COLUMN drain INTEGER NOT NULL DEFAULT 0 CHECK (drain >= 0);
ALTER TABLE process ADD COLUMN answers INTEGER NOT NULL DEFAULT 0 CHECK (answers >= 0);
