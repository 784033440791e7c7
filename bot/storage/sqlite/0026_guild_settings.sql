-- What a guild's admins have decided for everyone in it. A setting without a row has its default.
CREATE TABLE guild_setting (
    guild INTEGER NOT NULL CHECK (guild > 0),
    name  TEXT    NOT NULL,
    value TEXT    NOT NULL,
    PRIMARY KEY (guild, name)
) STRICT, WITHOUT ROWID;

-- Entries for the log channels of guilds, written in the transaction that causes them. `subject` is what the entry is
-- about (a job, a report), `channel` and `message` are where it was posted. Times are milliseconds since 1970.
CREATE TABLE log_entry (
    id      INTEGER PRIMARY KEY,
    guild   INTEGER NOT NULL CHECK (guild > 0),
    kind    TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    facts   TEXT    NOT NULL,
    state   TEXT    NOT NULL CHECK (state IN ('due', 'posted', 'dropped')),
    channel INTEGER,
    message INTEGER,
    at_ms   INTEGER NOT NULL,
    CHECK ((state = 'posted') = (message IS NOT NULL)),
    CHECK ((channel IS NULL) = (message IS NULL))
) STRICT;

CREATE INDEX log_entry_due ON log_entry (id) WHERE state = 'due';
CREATE INDEX log_entry_subject ON log_entry (guild, kind, subject);
