-- How credits are given away: by moderators from a purse, by members to each other, by admins with a second one's
-- approval. Amounts are milli-credits, times milliseconds since 1970; ids are those of the interactions.

-- What moderators may grant in each period of a guild's calendar, in total.
CREATE TABLE purse (
    guild  INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    amount INTEGER NOT NULL CHECK (amount > 0),
    every  TEXT    NOT NULL CHECK (every IN ('day', 'week', 'month'))
) STRICT;

CREATE TABLE purse_grant (
    id     INTEGER PRIMARY KEY,
    guild  INTEGER NOT NULL CHECK (guild > 0),
    period TEXT    NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0)
) STRICT;

CREATE TABLE purse_use (
    guild  INTEGER NOT NULL CHECK (guild > 0),
    period TEXT    NOT NULL,
    used   INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (guild, period)
) STRICT, WITHOUT ROWID;

-- Gifts: asked for, and given when the giver confirms.
CREATE TABLE gift (
    id         INTEGER PRIMARY KEY,
    guild      INTEGER NOT NULL CHECK (guild > 0),
    giver      INTEGER NOT NULL CHECK (giver > 0),
    receiver   INTEGER NOT NULL CHECK (receiver > 0),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    note       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('asked', 'given', 'dropped')),
    expires_ms INTEGER NOT NULL,
    CHECK (giver <> receiver)
) STRICT;

CREATE TABLE gift_use (
    guild  INTEGER NOT NULL CHECK (guild > 0),
    member INTEGER NOT NULL CHECK (member > 0),
    day    TEXT    NOT NULL,
    given  INTEGER NOT NULL CHECK (given >= 0),
    PRIMARY KEY (guild, member, day)
) STRICT, WITHOUT ROWID;

-- Grants that wait for a second admin. While one waits, its credits are held on the pool by the transfer i:<id>.
CREATE TABLE waiting_grant (
    id         INTEGER PRIMARY KEY,
    guild      INTEGER NOT NULL CHECK (guild > 0),
    member     INTEGER NOT NULL CHECK (member > 0),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    reason     TEXT    NOT NULL,
    asker      INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'approved', 'denied', 'expired')),
    decider    INTEGER NOT NULL DEFAULT 0,
    expires_ms INTEGER NOT NULL,
    CHECK (state <> 'approved' OR decider <> asker)
) STRICT;

CREATE INDEX waiting_grant_expiry ON waiting_grant (expires_ms) WHERE state = 'waiting';
