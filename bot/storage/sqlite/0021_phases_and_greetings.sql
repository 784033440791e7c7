-- The phase that a run's log told last (see bot/provider/logs.py). It is free text here, because providers add phases.
ALTER TABLE prediction ADD COLUMN phase TEXT;

-- Who asked for a job to be cancelled. A member is not told about their own request, but about a moderator's.
ALTER TABLE job ADD COLUMN cancelled_by INTEGER;

-- The guilds that the bot is in, by the time of its joining (Discord's, in ms): another time, or a guild without a row,
-- is a new join, which is greeted once. `trying` is written before the call: after a crash it is unknown whether it was
-- sent.
CREATE TABLE guild_join (
    guild     INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    joined_ms INTEGER NOT NULL,
    greeting  TEXT    NOT NULL CHECK (greeting IN ('due', 'trying', 'over'))
) STRICT;

-- One row as soon as all guilds of that time are recorded. Before, a guild without a row is not a new one.
CREATE TABLE guild_joins_known (
    id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;
