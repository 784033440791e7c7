-- Whether the guild's pool was to pay for a waiting order when its member saw the price.
ALTER TABLE pending_order ADD COLUMN pool_pays INTEGER NOT NULL DEFAULT 0 CHECK (pool_pays IN (0, 1));

-- Credits that members with a role get from the pool. `every` is how often, `once` for a grant to a role. A removed rule
-- is kept, so that adding it again does not give its share of the period again. Amounts are milli-credits, times
-- milliseconds since 1970.
CREATE TABLE allowance (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    guild      INTEGER NOT NULL CHECK (guild > 0),
    role       INTEGER NOT NULL CHECK (role > 0),
    amount     INTEGER NOT NULL CHECK (amount > 0),
    every      TEXT    NOT NULL CHECK (every IN ('day', 'week', 'month', 'once')),
    how        TEXT    NOT NULL CHECK (how IN ('fill', 'add')),
    reason     TEXT    NOT NULL,
    actor      INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    removed_ms INTEGER
) STRICT;

CREATE UNIQUE INDEX allowance_of_role ON allowance (guild, role, every, how) WHERE every <> 'once';
CREATE INDEX allowance_in_force ON allowance (guild, role) WHERE removed_ms IS NULL;

-- Each share that was drawn: one row of rule, member and period, whose insertion claims it. The amount is 0 if nothing
-- was missing.
CREATE TABLE allowance_draw (
    rule   INTEGER NOT NULL REFERENCES allowance (id),
    member INTEGER NOT NULL CHECK (member > 0),
    period TEXT    NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (rule, member, period)
) STRICT, WITHOUT ROWID;
