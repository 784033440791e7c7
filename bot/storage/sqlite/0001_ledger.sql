-- The books: integer milli-credits, one row per transfer with a debit and a credit account (double entry by
-- construction), append-only. Ids of guilds and members are Discord's and fit 63 bits. Times are milliseconds since 1970.

-- owner: 0 for mint and pool; the member for member; for spent the payer of the hold (0 where the pool paid).
CREATE TABLE account (
    id        INTEGER PRIMARY KEY,
    guild     INTEGER NOT NULL CHECK (guild > 0),
    kind      TEXT    NOT NULL CHECK (kind IN ('mint', 'pool', 'member', 'spent')),
    owner     INTEGER NOT NULL,
    available INTEGER NOT NULL DEFAULT 0,
    held      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (guild, kind, owner),
    CHECK (CASE kind WHEN 'member' THEN owner > 0 WHEN 'spent' THEN owner >= 0 ELSE owner = 0 END),
    CHECK (CASE kind WHEN 'mint' THEN available <= 0 ELSE available >= 0 END),
    CHECK (CASE WHEN kind IN ('pool', 'member') THEN held >= 0 ELSE held = 0 END)
) STRICT;

CREATE TRIGGER account_is_never_deleted BEFORE DELETE ON account
BEGIN
    SELECT RAISE(ABORT, 'accounts are never deleted');
END;

CREATE TRIGGER account_keeps_its_owner BEFORE UPDATE OF id, guild, kind, owner ON account
BEGIN
    SELECT RAISE(ABORT, 'only the balances of an account change');
END;

-- direct:  amount goes from debit to credit at once
-- pending: amount of debit is set aside, meant for credit
-- post:    amount (at most the pending one) goes to credit, the rest back to debit
-- void:    all of it goes back to debit
CREATE TABLE transfer (
    id          INTEGER PRIMARY KEY,
    key         TEXT    NOT NULL UNIQUE CHECK (length(key) > 0),
    kind        TEXT    NOT NULL CHECK (kind IN ('direct', 'pending', 'post', 'void')),
    pending_id  INTEGER UNIQUE REFERENCES transfer (id),
    guild       INTEGER NOT NULL CHECK (guild > 0),
    debit       INTEGER NOT NULL REFERENCES account (id),
    credit      INTEGER NOT NULL REFERENCES account (id),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    fingerprint TEXT    NOT NULL,
    actor       INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    job         TEXT,
    at_ms       INTEGER NOT NULL,
    CHECK (debit <> credit),
    CHECK ((pending_id IS NOT NULL) = (kind IN ('post', 'void')))
) STRICT;

CREATE INDEX transfer_by_debit ON transfer (debit);
CREATE INDEX transfer_by_credit ON transfer (credit);

CREATE TRIGGER transfer_never_changes BEFORE UPDATE ON transfer
BEGIN
    SELECT RAISE(ABORT, 'transfers never change');
END;

CREATE TRIGGER transfer_is_never_deleted BEFORE DELETE ON transfer
BEGIN
    SELECT RAISE(ABORT, 'transfers are never deleted');
END;

-- What each transfer did to each account that it touched: replaying these gives the balances.
CREATE VIEW entry (transfer, account, available, held) AS
    SELECT id, debit, -amount, 0 FROM transfer WHERE kind = 'direct'
    UNION ALL
    SELECT id, debit, -amount, amount FROM transfer WHERE kind = 'pending'
    UNION ALL
    SELECT ended.id, ended.debit, pending.amount - ended.amount, -pending.amount
    FROM transfer AS ended JOIN transfer AS pending ON pending.id = ended.pending_id
    WHERE ended.kind = 'post'
    UNION ALL
    SELECT id, debit, amount, -amount FROM transfer WHERE kind = 'void'
    UNION ALL
    SELECT id, credit, amount, 0 FROM transfer WHERE kind IN ('direct', 'post');
