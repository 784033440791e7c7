-- The first credits of servers that added the bot (NEW_GUILD_CREDITS): given at once, or waiting for the operator.
-- `reason` says why one waits. Amounts are milli-credits, times milliseconds since 1970.
CREATE TABLE new_guild (
    guild  INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    amount INTEGER NOT NULL CHECK (amount > 0),
    state  TEXT    NOT NULL CHECK (state IN ('given', 'waiting')),
    reason TEXT    NOT NULL CHECK (reason IN ('', 'cap', 'small', 'young')),
    at_ms  INTEGER NOT NULL
) STRICT;

CREATE INDEX new_guild_waiting ON new_guild (at_ms) WHERE state = 'waiting';

-- What new servers were given without the operator on each day (UTC).
CREATE TABLE new_guild_day (
    day   TEXT    NOT NULL PRIMARY KEY,
    given INTEGER NOT NULL CHECK (given >= 0)
) STRICT, WITHOUT ROWID;

-- Which parts of a budget (a shared limit of policy_limit) the log was told of, in percent: once in each period.
CREATE TABLE budget_notice (
    guild   INTEGER NOT NULL CHECK (guild > 0),
    number  INTEGER NOT NULL,
    period  TEXT    NOT NULL,
    percent INTEGER NOT NULL CHECK (percent IN (50, 80, 100)),
    PRIMARY KEY (guild, number, period, percent)
) STRICT, WITHOUT ROWID;
