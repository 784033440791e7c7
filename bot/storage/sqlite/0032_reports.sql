-- What members report to the moderators. A result has at most one open report, which everybody who reports it joins.
CREATE TABLE report (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    guild      INTEGER NOT NULL CHECK (guild > 0),
    job        TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    at_ms      INTEGER NOT NULL,
    outcome    TEXT    NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'kept', 'taken-down', 'dismissed')),
    decided_by INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX report_open ON report (job) WHERE outcome = 'open';
CREATE INDEX report_job ON report (job);

-- A member reports a result once. `told` is whether they know what came of it, as in `moderation_case`.
CREATE TABLE reporter (
    job    TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    member INTEGER NOT NULL CHECK (member > 0),
    report INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    reason TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL,
    told   TEXT    NOT NULL DEFAULT 'none' CHECK (told IN ('none', 'due', 'told', 'closed')),
    PRIMARY KEY (job, member)
) STRICT, WITHOUT ROWID;

CREATE INDEX reporter_report ON reporter (report, at_ms);
CREATE INDEX reporter_untold ON reporter (told, member) WHERE told IN ('due', 'closed');

-- The newest jobs of a guild, for its moderators.
CREATE INDEX job_guild ON job (guild, created_ms);
