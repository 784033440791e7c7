-- What members are told beside the job's card, and what a guild's managers set. Times are milliseconds since 1970.

-- That a job has ended: by a ping in its channel, by a direct message. `asked` waits for the end, `due` for its sending,
-- `trying` may be on the wire; a try that came to nothing for sure, or for too long, is dropped.
CREATE TABLE notification (
    job      TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    way      TEXT    NOT NULL CHECK (way IN ('ping', 'dm')),
    state    TEXT    NOT NULL CHECK (state IN ('asked', 'due', 'trying', 'sent', 'dropped')),
    due_ms   INTEGER NOT NULL DEFAULT 0,
    retry_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, way)
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_due ON notification (retry_ms) WHERE state IN ('due', 'trying');

-- NULL is "not said", as for the others.
ALTER TABLE preference ADD COLUMN ping TEXT CHECK (ping IN ('never', 'long', 'always'));

-- Every change of a guild's own settings, for ever: who set what, and when. NULL is "back to what holds by itself".
CREATE TABLE setting_audit (
    id    INTEGER PRIMARY KEY,
    guild INTEGER NOT NULL CHECK (guild > 0),
    name  TEXT    NOT NULL CHECK (name IN ('confirm_above', 'language')),
    value TEXT,
    actor INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX setting_audit_guild ON setting_audit (guild, id);

CREATE TRIGGER setting_audit_is_never_changed BEFORE UPDATE ON setting_audit
BEGIN SELECT RAISE(ABORT, 'setting_audit is append-only'); END;

CREATE TRIGGER setting_audit_is_never_deleted BEFORE DELETE ON setting_audit
BEGIN SELECT RAISE(ABORT, 'setting_audit is append-only'); END;
