-- Who changed what, for ever. `before` and `after` are JSON objects; NULL before a thing was made and after it was
-- removed. Written in the transaction of the change.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    guild   INTEGER NOT NULL,
    actor   INTEGER NOT NULL,
    action  TEXT    NOT NULL CHECK (length(action) > 0),
    subject TEXT    NOT NULL,
    before  TEXT,
    after   TEXT,
    at_ms   INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_of_guild ON audit (guild, id);

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
