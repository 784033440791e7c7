-- What the operator knows of servers and has decided about them. Times are milliseconds since 1970.

-- The name and the number of members that Discord told last: the only ones that are known once the bot has been removed.
CREATE TABLE known_guild (
    guild   INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    name    TEXT    NOT NULL,
    members INTEGER NOT NULL CHECK (members >= 0),
    seen_ms INTEGER NOT NULL
) STRICT;

-- Servers in which nobody may order anything until the operator ends it.
CREATE TABLE guild_suspension (
    guild  INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    reason TEXT    NOT NULL CHECK (length(reason) > 0),
    actor  INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL
) STRICT;
