-- What servers allow, and what their moderators do.

CREATE TABLE policy_guild (
    guild     BIGINT PRIMARY KEY CHECK (guild > 0),
    time_zone TEXT COLLATE "C" NOT NULL DEFAULT 'UTC',
    version   BIGINT NOT NULL DEFAULT 0,
    numbered  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE policy_rule (
    guild       BIGINT NOT NULL CHECK (guild > 0),
    number      BIGINT NOT NULL CHECK (number > 0),
    effect      TEXT COLLATE "C" NOT NULL CHECK (effect IN ('allow', 'deny')),
    what        TEXT COLLATE "C" NOT NULL CHECK (what IN ('model', 'task', 'family', 'everything')),
    name        TEXT COLLATE "C" NOT NULL CHECK ((name = '') = (what = 'everything')),
    scope       TEXT COLLATE "C" NOT NULL CHECK (scope IN ('server', 'category', 'channel', 'role', 'member')),
    subject     BIGINT NOT NULL CHECK ((subject = 0) = (scope = 'server')),
    ceiling_mcr BIGINT CHECK (ceiling_mcr >= 0),
    until_ms    BIGINT,
    actor       BIGINT NOT NULL,
    at_ms       BIGINT NOT NULL,
    spoiler     BIGINT NOT NULL DEFAULT 0 CHECK (spoiler IN (0, 1)),
    PRIMARY KEY (guild, number),
    UNIQUE (guild, effect, what, name, scope, subject)
);

CREATE TABLE policy_limit (
    guild   BIGINT NOT NULL CHECK (guild > 0),
    number  BIGINT NOT NULL CHECK (number > 0),
    kind    TEXT COLLATE "C" NOT NULL CHECK (kind IN ('concurrent', 'job', 'day', 'week', 'month', 'cooldown')),
    scope   TEXT COLLATE "C" NOT NULL CHECK (scope IN ('server', 'channel', 'role', 'member', 'model')),
    subject TEXT COLLATE "C" NOT NULL CHECK ((subject = '') = (scope = 'server')),
    shared  BIGINT NOT NULL CHECK (shared IN (0, 1)),
    amount  BIGINT NOT NULL CHECK (amount >= 0),
    actor   BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    PRIMARY KEY (guild, number),
    UNIQUE (guild, kind, scope, subject, shared),
    CHECK (CASE scope WHEN 'member' THEN shared = 0 WHEN 'channel' THEN shared = 1
        WHEN 'model' THEN shared = 1 ELSE TRUE END)
);

CREATE TABLE policy_age (
    guild BIGINT NOT NULL CHECK (guild > 0),
    what  TEXT COLLATE "C" NOT NULL CHECK (what IN ('model', 'task', 'family', 'everything')),
    name  TEXT COLLATE "C" NOT NULL CHECK ((name = '') = (what = 'everything')),
    actor BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild, what, name)
);

CREATE TABLE policy_channel (
    guild      BIGINT NOT NULL CHECK (guild > 0),
    channel    BIGINT NOT NULL CHECK (channel > 0),
    model      TEXT COLLATE "C",
    aspect     TEXT COLLATE "C",
    visibility TEXT COLLATE "C" CHECK (visibility IN ('channel', 'private', 'dm')),
    spoiler    BIGINT CHECK (spoiler IN (0, 1)),
    PRIMARY KEY (guild, channel)
);

CREATE TABLE policy_place (
    guild BIGINT NOT NULL CHECK (guild > 0),
    place BIGINT NOT NULL CHECK (place > 0),
    PRIMARY KEY (guild, place)
);

CREATE TABLE policy_usage (
    guild     BIGINT NOT NULL CHECK (guild > 0),
    scope     TEXT COLLATE "C" NOT NULL CHECK (scope IN ('server', 'channel', 'role', 'member', 'model')),
    subject   TEXT COLLATE "C" NOT NULL,
    day       BIGINT NOT NULL,
    day_mcr   BIGINT NOT NULL CHECK (day_mcr >= 0),
    week      BIGINT NOT NULL,
    week_mcr  BIGINT NOT NULL CHECK (week_mcr >= 0),
    month     BIGINT NOT NULL,
    month_mcr BIGINT NOT NULL CHECK (month_mcr >= 0),
    running   BIGINT NOT NULL CHECK (running >= 0),
    last_ms   BIGINT NOT NULL,
    finished  BIGINT NOT NULL DEFAULT 0 CHECK (finished >= 0),
    PRIMARY KEY (guild, scope, subject)
);

CREATE TABLE policy_counted (
    job     TEXT COLLATE "C" NOT NULL,
    scope   TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    guild   BIGINT NOT NULL,
    amount  BIGINT NOT NULL CHECK (amount >= 0),
    day     BIGINT NOT NULL,
    week    BIGINT NOT NULL,
    month   BIGINT NOT NULL,
    PRIMARY KEY (job, scope, subject)
);

CREATE TABLE word_rule (
    guild   BIGINT NOT NULL CHECK (guild > 0),
    keyword TEXT COLLATE "C" NOT NULL CHECK (length(keyword) BETWEEN 1 AND 60),
    flags   BIGINT NOT NULL CHECK (flags IN (0, 1)),
    actor   BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    PRIMARY KEY (guild, keyword)
);

CREATE TABLE automod_rules (
    guild    BIGINT PRIMARY KEY CHECK (guild > 0),
    rules    TEXT COLLATE "C" NOT NULL,
    readable BIGINT NOT NULL CHECK (readable IN (0, 1)),
    at_ms    BIGINT NOT NULL
);

CREATE TABLE approval_rule (
    guild           BIGINT NOT NULL CHECK (guild > 0),
    number          BIGINT NOT NULL CHECK (number > 0),
    what            TEXT COLLATE "C" NOT NULL CHECK (what IN ('model', 'task', 'family', 'everything')),
    name            TEXT COLLATE "C" NOT NULL CHECK ((name = '') = (what = 'everything')),
    above_mcr       BIGINT CHECK (above_mcr >= 0),
    newer_than_days BIGINT CHECK (newer_than_days > 0),
    fewer_than_jobs BIGINT CHECK (fewer_than_jobs > 0),
    flagged         BIGINT NOT NULL CHECK (flagged IN (0, 1)),
    actor           BIGINT NOT NULL,
    at_ms           BIGINT NOT NULL,
    PRIMARY KEY (guild, number)
);

CREATE TABLE approval_exemption (
    guild  BIGINT NOT NULL,
    rule   BIGINT NOT NULL,
    member BIGINT NOT NULL,
    actor  BIGINT NOT NULL,
    at_ms  BIGINT NOT NULL,
    PRIMARY KEY (guild, rule, member),
    FOREIGN KEY (guild, rule) REFERENCES approval_rule (guild, number) ON DELETE CASCADE
);

CREATE TABLE job_approval (
    job        TEXT COLLATE "C" PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
    guild      BIGINT NOT NULL,
    member     BIGINT NOT NULL,
    rules      TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'approved', 'denied', 'expired', 'ended')),
    decided_by BIGINT NOT NULL DEFAULT 0,
    at_ms      BIGINT NOT NULL
);

CREATE INDEX job_approval_waiting ON job_approval (guild, at_ms, job) WHERE state = 'waiting';

CREATE TABLE moderation_case (
    guild        BIGINT NOT NULL CHECK (guild > 0),
    number       BIGINT NOT NULL CHECK (number > 0),
    kind         TEXT COLLATE "C" NOT NULL CHECK (kind IN (
        'takedown', 'deletion', 'block', 'unblock', 'warning', 'note', 'cancel', 'exemption-ended')),
    reason       TEXT COLLATE "C" NOT NULL,
    actor        BIGINT NOT NULL,
    member       BIGINT NOT NULL,
    job          TEXT COLLATE "C",
    at_ms        BIGINT NOT NULL,
    until_ms     BIGINT,
    message      TEXT COLLATE "C" NOT NULL DEFAULT '',
    refunded_mcr BIGINT NOT NULL DEFAULT 0 CHECK (refunded_mcr >= 0),
    told         TEXT COLLATE "C" NOT NULL DEFAULT 'none' CHECK (told IN ('none', 'due', 'told', 'closed')),
    PRIMARY KEY (guild, number)
);

CREATE INDEX moderation_case_member ON moderation_case (guild, member, number);
CREATE INDEX moderation_case_untold ON moderation_case (told, guild, member) WHERE told IN ('due', 'closed');

CREATE TABLE member_block (
    guild       BIGINT NOT NULL CHECK (guild > 0),
    member      BIGINT NOT NULL CHECK (member > 0),
    reason      TEXT COLLATE "C" NOT NULL,
    until_ms    BIGINT,
    case_number BIGINT NOT NULL,
    PRIMARY KEY (guild, member)
);

CREATE TABLE order_pause (
    guild    BIGINT NOT NULL CHECK (guild > 0),
    task     TEXT COLLATE "C" NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    actor    BIGINT NOT NULL,
    until_ms BIGINT,
    PRIMARY KEY (guild, task)
);

CREATE TABLE takedown (
    job    TEXT COLLATE "C" PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
    refund BIGINT NOT NULL CHECK (refund IN (0, 1)),
    actor  BIGINT NOT NULL,
    at_ms  BIGINT NOT NULL,
    erased BIGINT NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
    done   BIGINT NOT NULL DEFAULT 0 CHECK (done IN (0, 1))
);

CREATE INDEX takedown_left ON takedown (job) WHERE done = 0;

CREATE TABLE banned_look (
    guild BIGINT NOT NULL CHECK (guild > 0),
    look  TEXT COLLATE "C" NOT NULL CHECK (length(look) = 32),
    job   TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild, look)
);

CREATE TABLE report (
    id         BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    guild      BIGINT NOT NULL CHECK (guild > 0),
    job        TEXT COLLATE "C" NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    at_ms      BIGINT NOT NULL,
    outcome    TEXT COLLATE "C" NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'kept', 'taken-down', 'dismissed')),
    decided_by BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX report_open ON report (job) WHERE outcome = 'open';
CREATE INDEX report_job ON report (job);
CREATE INDEX report_waiting ON report (guild, at_ms, id) WHERE outcome = 'open';

CREATE TABLE reporter (
    job    TEXT COLLATE "C" NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    member BIGINT NOT NULL CHECK (member > 0),
    report BIGINT NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    reason TEXT COLLATE "C" NOT NULL,
    at_ms  BIGINT NOT NULL,
    told   TEXT COLLATE "C" NOT NULL DEFAULT 'none' CHECK (told IN ('none', 'due', 'told', 'closed')),
    PRIMARY KEY (job, member)
);

CREATE INDEX reporter_report ON reporter (report, at_ms);
CREATE INDEX reporter_untold ON reporter (told, member) WHERE told IN ('due', 'closed');
