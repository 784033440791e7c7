-- The shards of a bot that has several gateway processes: as many rows as there are shards. The holder acts on what
-- Discord sends to a shard, and an heir connects it to take it over; 0 is nobody. With SQLite there are no rows.
CREATE TABLE shard (
    number   INTEGER NOT NULL PRIMARY KEY CHECK (number >= 0),
    holder   INTEGER NOT NULL DEFAULT 0 CHECK (holder >= 0),
    heir     INTEGER NOT NULL DEFAULT 0 CHECK (heir >= 0),
    ready    INTEGER NOT NULL DEFAULT 0 CHECK (ready IN (0, 1)),
    outgrown INTEGER NOT NULL DEFAULT 0 CHECK (outgrown IN (0, 1)),
    recorded INTEGER NOT NULL DEFAULT 0 CHECK (recorded IN (0, 1)),
    taken    TEXT    NOT NULL DEFAULT '[]'
) STRICT;

-- Until when nobody else starts a session with a rate limit key of Discord's gateway, by the server's clock.
CREATE TABLE identify_turn (
    key      INTEGER NOT NULL PRIMARY KEY CHECK (key >= 0),
    holder   INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;

-- How many requests of the last ten minutes Discord counts towards a ban of the address.
ALTER TABLE process ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0 CHECK (refusals >= 0);

DELETE FROM chat_memory WHERE name = 'gateway turn';
