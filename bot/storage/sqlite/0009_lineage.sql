-- What a job was made from. The parent has no reference: a result may outlive the record of what it came from.

CREATE TABLE lineage (
    job      TEXT    PRIMARY KEY NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    parent   TEXT    NOT NULL,
    relation TEXT    NOT NULL CHECK (relation IN ('reroll', 'again', 'edit', 'upscale', 'animate', 'removebg')),
    picture  INTEGER NOT NULL DEFAULT 0 CHECK (picture >= 0)
) STRICT;

CREATE INDEX lineage_parent ON lineage (parent, relation);

-- The job that a message shows.
CREATE INDEX job_message ON job (message) WHERE message > 0;
CREATE INDEX job_shown_message ON job (shown_message) WHERE shown_message > 0;

-- Pictures of a message that is no result of ours, while a member decides what to do with them.
CREATE TABLE picked (
    id     TEXT    PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 25),
    guild  INTEGER NOT NULL,
    member INTEGER NOT NULL,
    files  TEXT    NOT NULL,
    at_ms  INTEGER NOT NULL
) STRICT;

CREATE INDEX picked_age ON picked (at_ms);
