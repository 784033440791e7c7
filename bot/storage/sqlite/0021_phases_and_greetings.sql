-- The phase that a run's log told last (see bot/provider/logs.py). It is free text here, because providers add phases.
ALTER TABLE prediction ADD COLUMN phase TEXT;

-- The guilds that the bot is in, as far as it knows. A guild without a row is a new one, and is greeted once. Guilds in
-- which the bot was before it kept this table are told from new ones by the time of its joining (joined_ms, Discord's).
-- `greeted`: `due` until it is known whether the greeting was sent; `trying` from before its call.
CREATE TABLE guild_presence (
    guild     INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    joined_ms INTEGER NOT NULL,
    greeting  TEXT    NOT NULL CHECK (greeting IN ('due', 'trying', 'sent', 'none'))
) STRICT;
