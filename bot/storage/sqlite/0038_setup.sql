-- The channels and categories outside of which Easel cannot be used; everywhere in a guild without any.
CREATE TABLE policy_place (
    guild INTEGER NOT NULL CHECK (guild > 0),
    place INTEGER NOT NULL CHECK (place > 0),
    PRIMARY KEY (guild, place)
) STRICT, WITHOUT ROWID;

-- How far a guild is with its setup: the step that an admin saw last, and that admin. A guild with a row was offered the
-- setup, or did not need the offer.
CREATE TABLE guild_setup (
    guild INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    step  TEXT    NOT NULL DEFAULT '',
    actor INTEGER NOT NULL DEFAULT 0,
    at_ms INTEGER NOT NULL
) STRICT;

-- Guilds that use Easel already are not new.
INSERT INTO guild_setup (guild, at_ms) SELECT guild, joined_ms FROM guild_join;
