-- What members prefer, the presets that they saved, and the orders that wait for their word. Times are milliseconds
-- since 1970, money milli-credits.

-- NULL is "not said". Member 0 is the guild itself: what it says holds for those who said nothing.
CREATE TABLE preference (
    guild             INTEGER NOT NULL CHECK (guild > 0),
    member            INTEGER NOT NULL CHECK (member >= 0),
    aspect            TEXT,
    visibility        TEXT    CHECK (visibility IN ('channel', 'private', 'dm')),
    confirm_above_mcr INTEGER CHECK (confirm_above_mcr >= 0),
    PRIMARY KEY (guild, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE preferred_model (
    guild  INTEGER NOT NULL CHECK (guild > 0),
    member INTEGER NOT NULL CHECK (member > 0),
    task   TEXT    NOT NULL,
    model  TEXT    NOT NULL,
    PRIMARY KEY (guild, member, task)
) STRICT, WITHOUT ROWID;

-- Owner 0 is the guild itself.
CREATE TABLE preset (
    guild    INTEGER NOT NULL CHECK (guild > 0),
    owner    INTEGER NOT NULL CHECK (owner >= 0),
    name     TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 32),
    template TEXT    NOT NULL,
    negative TEXT,
    model    TEXT,
    saved_by INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (guild, owner, name)
) STRICT, WITHOUT ROWID;

-- An order that holds nothing yet: its member was shown the price and has not pressed Start. The id is that of the
-- interaction that ordered, and becomes the job's: so an order is one job at most, however often Start is pressed.
CREATE TABLE pending_order (
    id           INTEGER PRIMARY KEY,
    guild        INTEGER NOT NULL CHECK (guild > 0),
    member       INTEGER NOT NULL,
    visibility   TEXT    NOT NULL,
    ordered      TEXT    NOT NULL,
    quoted_mcr   INTEGER NOT NULL CHECK (quoted_mcr > 0),
    alternatives TEXT    NOT NULL,
    parent       TEXT,
    relation     TEXT,
    picture      INTEGER,
    expires_ms   INTEGER NOT NULL
) STRICT;

CREATE INDEX pending_order_expiry ON pending_order (expires_ms);
