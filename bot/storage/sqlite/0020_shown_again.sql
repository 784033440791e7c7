-- Messages with results that are gone: deleted with Easel's button by the job's own member or by a moderator, or found
-- deleted, so that nobody can tell by whom.
CREATE TABLE deleted_message (
    job     TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    message INTEGER NOT NULL CHECK (message > 0),
    deleter TEXT    NOT NULL CHECK (deleter IN ('member', 'moderator', 'unknown')),
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (job, message)
) STRICT, WITHOUT ROWID;

-- What a member looked for in their history. The buttons that turn its pages have only the row's id.
CREATE TABLE job_search (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    guild      INTEGER NOT NULL CHECK (guild > 0),
    member     INTEGER NOT NULL CHECK (member > 0),
    words      TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    task       TEXT    NOT NULL,
    favourites INTEGER NOT NULL CHECK (favourites IN (0, 1)),
    at_ms      INTEGER NOT NULL
) STRICT;

CREATE INDEX job_search_age ON job_search (at_ms);
