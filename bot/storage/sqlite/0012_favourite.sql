-- Results that a member marked to find them again. They go with the record of the job.
CREATE TABLE favourite (
    member INTEGER NOT NULL CHECK (member > 0),
    job    TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (member, job)
) STRICT, WITHOUT ROWID;

CREATE INDEX favourite_job ON favourite (job);

-- A result may also be made to speak.
CREATE TABLE lineage_wider (
    job      TEXT    PRIMARY KEY NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    parent   TEXT    NOT NULL,
    relation TEXT    NOT NULL CHECK (relation IN (
        'reroll', 'again', 'edit', 'upscale', 'animate', 'removebg', 'lipsync')),
    picture  INTEGER NOT NULL DEFAULT 0 CHECK (picture >= 0)
) STRICT;

INSERT INTO lineage_wider (job, parent, relation, picture) SELECT job, parent, relation, picture FROM lineage;
DROP TABLE lineage;
ALTER TABLE lineage_wider RENAME TO lineage;

CREATE INDEX lineage_parent ON lineage (parent, relation);
