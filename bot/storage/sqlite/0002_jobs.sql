-- Jobs: one accepted order each, and its life until it is shown. Times are milliseconds since 1970, money milli-credits.

CREATE TABLE job (
    id               TEXT    PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 25),
    short_id         TEXT    NOT NULL,
    guild            INTEGER NOT NULL CHECK (guild > 0),
    channel          INTEGER NOT NULL,
    member           INTEGER NOT NULL,
    payer            INTEGER NOT NULL CHECK (payer IN (0, member)),
    state            TEXT    NOT NULL CHECK (state IN (
        'accepted', 'waiting', 'running', 'collecting', 'delivering',
        'done', 'failed', 'cancelled', 'expired', 'orphaned', 'undelivered')),
    task             TEXT    NOT NULL,
    model            TEXT    NOT NULL,
    ordered          TEXT    NOT NULL,
    planned          TEXT    NOT NULL,
    held_mcr         INTEGER NOT NULL CHECK (held_mcr > 0),
    captured_mcr     INTEGER NOT NULL DEFAULT 0 CHECK (captured_mcr BETWEEN 0 AND held_mcr),
    visibility       TEXT    NOT NULL CHECK (visibility IN ('channel', 'private', 'dm')),
    locale           TEXT    NOT NULL,
    guild_locale     TEXT    NOT NULL,
    interaction      INTEGER NOT NULL UNIQUE,
    application      INTEGER NOT NULL,
    token            BLOB    NOT NULL,
    token_created_ms INTEGER NOT NULL,
    filesize_limit   INTEGER NOT NULL,
    message          INTEGER NOT NULL DEFAULT 0,
    created_ms       INTEGER NOT NULL,
    updated_ms       INTEGER NOT NULL,
    deadline_ms      INTEGER NOT NULL,
    cancel_asked_ms  INTEGER,
    failure_key      TEXT,
    failure_facts    TEXT,
    notice           TEXT    NOT NULL DEFAULT 'none' CHECK (notice IN ('none', 'due', 'shown', 'kept')),
    -- When the next step of this job is due, and how often that step has failed in a row.
    retry_ms         INTEGER NOT NULL DEFAULT 0,
    tries            INTEGER NOT NULL DEFAULT 0,
    -- The proof that its end was shown.
    shown_rung       TEXT,
    shown_channel    INTEGER,
    shown_message    INTEGER,
    -- Who works on it, for databases that several processes share. On SQLite one process owns all.
    lease_owner      TEXT    NOT NULL DEFAULT '',
    lease_until_ms   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (guild, short_id),
    -- Nobody pays without a result in our store, and what is in our store and shown is paid.
    CHECK ((captured_mcr > 0) = (state IN ('delivering', 'done', 'undelivered'))),
    CHECK ((failure_key IS NULL) = (failure_facts IS NULL)),
    CHECK (state NOT IN ('failed', 'cancelled', 'expired', 'orphaned') OR failure_key IS NOT NULL)
) STRICT;

CREATE INDEX job_live ON job (state, retry_ms, created_ms)
    WHERE state IN ('accepted', 'waiting', 'running', 'collecting', 'delivering');
CREATE INDEX job_notice ON job (notice, retry_ms) WHERE notice = 'due';
CREATE INDEX job_member ON job (guild, member, created_ms);
CREATE INDEX job_running ON job (guild, member) WHERE state = 'running';

-- One create call of a job and its run at the provider. Times are the provider's, but for submitted_ms too.
CREATE TABLE prediction (
    job          TEXT    NOT NULL REFERENCES job (id),
    number       INTEGER NOT NULL CHECK (number >= 1),
    state        TEXT    NOT NULL CHECK (state IN (
        'intended', 'submitting', 'running', 'succeeded', 'failed', 'cancelled', 'lost')),
    expected     INTEGER NOT NULL CHECK (expected >= 1),
    sent_sha256  TEXT,
    provider_id  TEXT    UNIQUE,
    outputs      TEXT    NOT NULL DEFAULT '[]',
    seed         INTEGER,
    step         INTEGER,
    steps        INTEGER,
    submitted_ms INTEGER,
    created_ms   INTEGER,
    started_ms   INTEGER,
    completed_ms INTEGER,
    polled_ms    INTEGER,
    cancel_sent  INTEGER NOT NULL DEFAULT 0 CHECK (cancel_sent IN (0, 1)),
    failure_key   TEXT,
    failure_facts TEXT,
    PRIMARY KEY (job, number),
    CHECK (state NOT IN ('running', 'succeeded') OR provider_id IS NOT NULL),
    CHECK (state != 'intended' OR provider_id IS NULL)
) STRICT;

CREATE INDEX prediction_open ON prediction (state, job) WHERE state IN ('intended', 'submitting', 'running');

-- A member's file, copied into our store before it is used.
CREATE TABLE input_file (
    job         TEXT    NOT NULL REFERENCES job (id),
    slot        TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    media       TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    sha256      TEXT    NOT NULL,
    width       INTEGER,
    height      INTEGER,
    duration_ms INTEGER,
    PRIMARY KEY (job, slot)
) STRICT;

-- A result file in our own store. `number` is its place among all the results that the job expects.
CREATE TABLE artefact (
    job         TEXT    NOT NULL REFERENCES job (id),
    number      INTEGER NOT NULL CHECK (number >= 1),
    prediction  INTEGER NOT NULL,
    path        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    media       TEXT    NOT NULL,
    size        INTEGER NOT NULL CHECK (size > 0),
    sha256      TEXT    NOT NULL,
    width       INTEGER,
    height      INTEGER,
    duration_ms INTEGER,
    PRIMARY KEY (job, number),
    FOREIGN KEY (job, prediction) REFERENCES prediction (job, number)
) STRICT;

-- One try at showing a job's end, written before the call. `outcome` is NULL while it is unknown.
CREATE TABLE attempt (
    job     TEXT    NOT NULL REFERENCES job (id),
    number  INTEGER NOT NULL CHECK (number >= 1),
    rung    TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    outcome TEXT,
    message INTEGER,
    PRIMARY KEY (job, number)
) STRICT;

-- What the provider may have charged the operator for nothing: an upper bound, at the price that was quoted.
CREATE TABLE loss (
    job        TEXT    NOT NULL,
    prediction INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    amount_mcr INTEGER NOT NULL CHECK (amount_mcr > 0),
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (job, prediction),
    FOREIGN KEY (job, prediction) REFERENCES prediction (job, number)
) STRICT;
