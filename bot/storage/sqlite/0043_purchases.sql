-- What was bought in Discord (its entitlements). A row is written when Discord first reports one, in the transaction that
-- credits it; it exists at most once. Amounts are milli-credits, times milliseconds since 1970.
-- `guild` is 0 as long as it is not known which server's pool the purchase is for. `taken` is what a refund took back from
-- the pool, `lost` the rest, which the operator bears.
CREATE TABLE purchase (
    entitlement INTEGER PRIMARY KEY CHECK (entitlement > 0),
    sku         INTEGER NOT NULL,
    buyer       INTEGER NOT NULL,
    guild       INTEGER NOT NULL CHECK (guild >= 0),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'credited', 'refunded', 'test', 'foreign')),
    consumed    INTEGER NOT NULL DEFAULT 0 CHECK (consumed IN (0, 1)),
    taken       INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0),
    lost        INTEGER NOT NULL DEFAULT 0 CHECK (lost >= 0),
    at_ms       INTEGER NOT NULL,
    CHECK (state <> 'credited' OR guild > 0),
    CHECK (taken + lost <= amount)
) STRICT;

CREATE INDEX purchase_unconsumed ON purchase (entitlement) WHERE state = 'credited' AND consumed = 0;
CREATE INDEX purchase_waiting ON purchase (buyer) WHERE state = 'waiting';

-- In which servers a member was shown what can be bought: what they buy soon afterwards is for that server.
CREATE TABLE purchase_offer (
    member INTEGER NOT NULL,
    guild  INTEGER NOT NULL CHECK (guild > 0),
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (member, guild)
) STRICT, WITHOUT ROWID;
