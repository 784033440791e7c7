-- Policy: what a guild has said about single models, over the default rule. Times are milliseconds since 1970.

CREATE TABLE policy_model (
    guild   INTEGER NOT NULL CHECK (guild > 0),
    model   TEXT    NOT NULL,
    allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),
    actor   INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (guild, model)
) STRICT;

-- Every change, for ever: who said what, and when.
CREATE TABLE policy_audit (
    id      INTEGER PRIMARY KEY,
    guild   INTEGER NOT NULL,
    model   TEXT    NOT NULL,
    allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),
    actor   INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL
) STRICT;

CREATE INDEX policy_audit_guild ON policy_audit (guild, id);

CREATE TRIGGER policy_audit_is_never_changed BEFORE UPDATE ON policy_audit
BEGIN SELECT RAISE(ABORT, 'policy_audit is append-only'); END;

CREATE TRIGGER policy_audit_is_never_deleted BEFORE DELETE ON policy_audit
BEGIN SELECT RAISE(ABORT, 'policy_audit is append-only'); END;
