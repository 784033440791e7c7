-- What is forgotten, and when. Times are milliseconds since 1970.

-- Members who asked to be forgotten. Until `due_ms` they may change their mind; `begun` is 1 once their files are being
-- removed. The row goes in the transaction that erases everything else.
CREATE TABLE erasure (
    member   INTEGER NOT NULL PRIMARY KEY CHECK (member > 0),
    asked_ms INTEGER NOT NULL,
    due_ms   INTEGER NOT NULL,
    begun    INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1))
) STRICT;

CREATE INDEX erasure_due ON erasure (due_ms);

-- Guilds that have removed the bot, and when that was noticed.
CREATE TABLE guild_departure (
    guild   INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    left_ms INTEGER NOT NULL
) STRICT;

-- Keyed digests of guilds that were forgotten, so that a return brings no second first credits.
CREATE TABLE forgotten_guild (
    digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64)
) STRICT, WITHOUT ROWID;

-- The id that is being replaced by a pseudonym. A row exists only inside the transaction that erases: while it does, the
-- append-only tables accept exactly this change. So nobody can look up whose pseudonym it is afterwards.
CREATE TABLE renaming (
    kind    TEXT    NOT NULL CHECK (kind IN ('member', 'guild')),
    was     INTEGER NOT NULL,
    becomes INTEGER NOT NULL,
    PRIMARY KEY (kind, was)
) STRICT, WITHOUT ROWID;

DROP TRIGGER account_keeps_its_owner;

CREATE TRIGGER account_keeps_its_owner BEFORE UPDATE OF id, guild, kind, owner ON account
WHEN (OLD.id, OLD.kind) IS NOT (NEW.id, NEW.kind)
    OR (OLD.owner IS NOT NEW.owner AND NOT EXISTS (
        SELECT 1 FROM renaming AS r WHERE r.kind = 'member' AND r.was = OLD.owner AND r.becomes = NEW.owner))
    OR (OLD.guild IS NOT NEW.guild AND NOT EXISTS (
        SELECT 1 FROM renaming AS r WHERE r.kind = 'guild' AND r.was = OLD.guild AND r.becomes = NEW.guild))
BEGIN
    SELECT RAISE(ABORT, 'only the balances of an account change');
END;

DROP TRIGGER transfer_never_changes;

CREATE TRIGGER transfer_never_changes BEFORE UPDATE ON transfer
WHEN NOT EXISTS (SELECT 1 FROM renaming)
    OR (OLD.id, OLD.kind, OLD.pending_id, OLD.debit, OLD.credit, OLD.amount, OLD.job, OLD.at_ms)
        IS NOT (NEW.id, NEW.kind, NEW.pending_id, NEW.debit, NEW.credit, NEW.amount, NEW.job, NEW.at_ms)
    OR (OLD.guild IS NOT NEW.guild AND NOT EXISTS (
        SELECT 1 FROM renaming AS r WHERE r.kind = 'guild' AND r.was = OLD.guild AND r.becomes = NEW.guild))
BEGIN
    SELECT RAISE(ABORT, 'transfers never change');
END;

DROP TRIGGER audit_never_changes;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
WHEN NOT EXISTS (SELECT 1 FROM renaming AS r WHERE r.kind = 'member')
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

DROP TRIGGER audit_is_never_deleted;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
WHEN NOT EXISTS (SELECT 1 FROM renaming AS r WHERE r.kind = 'guild' AND r.was = OLD.guild)
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

DROP TRIGGER setting_audit_is_never_changed;

CREATE TRIGGER setting_audit_is_never_changed BEFORE UPDATE ON setting_audit
WHEN NOT EXISTS (SELECT 1 FROM renaming AS r WHERE r.kind = 'member')
BEGIN SELECT RAISE(ABORT, 'setting_audit is append-only'); END;

DROP TRIGGER setting_audit_is_never_deleted;

CREATE TRIGGER setting_audit_is_never_deleted BEFORE DELETE ON setting_audit
WHEN NOT EXISTS (SELECT 1 FROM renaming AS r WHERE r.kind = 'guild' AND r.was = OLD.guild)
BEGIN SELECT RAISE(ABORT, 'setting_audit is append-only'); END;

-- All jobs of a member, in whatever guild.
CREATE INDEX job_of_member ON job (member);

-- One row from an erasure until the file was freed from what was deleted, also across a restart.
CREATE TABLE scrubbing_due (
    id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;
