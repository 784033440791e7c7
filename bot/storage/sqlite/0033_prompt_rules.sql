-- Rules about the texts of orders. Times are milliseconds since 1970.

-- The words of a guild's moderators, as they wrote them, with wildcards. `flags` is 1 if a match does not refuse.
CREATE TABLE word_rule (
    guild   INTEGER NOT NULL CHECK (guild > 0),
    keyword TEXT    NOT NULL CHECK (length(keyword) BETWEEN 1 AND 60),
    flags   INTEGER NOT NULL CHECK (flags IN (0, 1)),
    actor   INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (guild, keyword)
) STRICT, WITHOUT ROWID;

-- A guild's AutoMod rules as Discord returned them last (JSON), for orders during an outage of Discord. `readable` is 0
-- if the bot lacked Manage Server.
CREATE TABLE automod_rules (
    guild    INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    rules    TEXT    NOT NULL,
    readable INTEGER NOT NULL CHECK (readable IN (0, 1)),
    at_ms    INTEGER NOT NULL
) STRICT;
