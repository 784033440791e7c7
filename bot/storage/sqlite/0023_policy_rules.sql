-- Who may make what, where and for how much. Times are milliseconds since 1970, money is in milli-credits.

-- A guild's time zone (IANA), in which its days, weeks and months begin. `version` grows with every change of anything
-- that decides an order, and `numbered` is the last number given to a rule or a limit: numbers are not used again.
CREATE TABLE policy_guild (
    guild     INTEGER NOT NULL PRIMARY KEY CHECK (guild > 0),
    time_zone TEXT    NOT NULL DEFAULT 'UTC',
    version   INTEGER NOT NULL DEFAULT 0,
    numbered  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- `name` is the model's id, the task or the provider's name; '' for everything. `subject` is the category, the channel,
-- the role or the member; 0 for the server.
CREATE TABLE policy_rule (
    guild       INTEGER NOT NULL CHECK (guild > 0),
    number      INTEGER NOT NULL CHECK (number > 0),
    effect      TEXT    NOT NULL CHECK (effect IN ('allow', 'deny')),
    what        TEXT    NOT NULL CHECK (what IN ('model', 'task', 'family', 'everything')),
    name        TEXT    NOT NULL CHECK ((name = '') = (what = 'everything')),
    scope       TEXT    NOT NULL CHECK (scope IN ('server', 'category', 'channel', 'role', 'member')),
    subject     INTEGER NOT NULL CHECK ((subject = 0) = (scope = 'server')),
    ceiling_mcr INTEGER CHECK (ceiling_mcr >= 0),
    until_ms    INTEGER,
    actor       INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (guild, number),
    UNIQUE (guild, effect, what, name, scope, subject)
) STRICT;

-- `subject` is an id or a model's id; '' for the server. A limit that is `shared` counts what all members use together;
-- others apply to each member. Jobs for `concurrent`, seconds for `cooldown`, else milli-credits.
CREATE TABLE policy_limit (
    guild   INTEGER NOT NULL CHECK (guild > 0),
    number  INTEGER NOT NULL CHECK (number > 0),
    kind    TEXT    NOT NULL CHECK (kind IN ('concurrent', 'job', 'day', 'week', 'month', 'cooldown')),
    scope   TEXT    NOT NULL CHECK (scope IN ('server', 'channel', 'role', 'member', 'model')),
    subject TEXT    NOT NULL CHECK ((subject = '') = (scope = 'server')),
    shared  INTEGER NOT NULL CHECK (shared IN (0, 1)),
    amount  INTEGER NOT NULL CHECK (amount >= 0),
    actor   INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (guild, number),
    UNIQUE (guild, kind, scope, subject, shared),
    CHECK (CASE scope WHEN 'member' THEN shared = 0 WHEN 'channel' THEN shared = 1 WHEN 'model' THEN shared = 1
           ELSE 1 END)
) STRICT;

-- What may only be made in channels that Discord restricts by age.
CREATE TABLE policy_age (
    guild INTEGER NOT NULL CHECK (guild > 0),
    what  TEXT    NOT NULL CHECK (what IN ('model', 'task', 'family', 'everything')),
    name  TEXT    NOT NULL CHECK ((name = '') = (what = 'everything')),
    actor INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild, what, name)
) STRICT, WITHOUT ROWID;

-- What orders in a channel get if they do not say it themselves. NULL is "not set".
CREATE TABLE policy_channel (
    guild      INTEGER NOT NULL CHECK (guild > 0),
    channel    INTEGER NOT NULL CHECK (channel > 0),
    model      TEXT,
    aspect     TEXT,
    visibility TEXT CHECK (visibility IN ('channel', 'private', 'dm')),
    spoiler    INTEGER CHECK (spoiler IN (0, 1)),
    PRIMARY KEY (guild, channel)
) STRICT, WITHOUT ROWID;

-- What was used, by whom or in what: one row for each member, and one for each server, channel, model and role with a
-- shared limit. `day` is a date as a number (20261129), `week` an ISO week (202648), `month` as 202611: the newest that
-- was counted, in the guild's time zone. `running` counts the jobs that have a hold.
CREATE TABLE policy_usage (
    guild     INTEGER NOT NULL CHECK (guild > 0),
    scope     TEXT    NOT NULL CHECK (scope IN ('server', 'channel', 'role', 'member', 'model')),
    subject   TEXT    NOT NULL,
    day       INTEGER NOT NULL,
    day_mcr   INTEGER NOT NULL CHECK (day_mcr >= 0),
    week      INTEGER NOT NULL,
    week_mcr  INTEGER NOT NULL CHECK (week_mcr >= 0),
    month     INTEGER NOT NULL,
    month_mcr INTEGER NOT NULL CHECK (month_mcr >= 0),
    running   INTEGER NOT NULL CHECK (running >= 0),
    last_ms   INTEGER NOT NULL,
    PRIMARY KEY (guild, scope, subject)
) STRICT, WITHOUT ROWID;

-- What a live job added to each row of policy_usage, so that its end takes back exactly that. Deleted with the hold.
CREATE TABLE policy_counted (
    job     TEXT    NOT NULL,
    scope   TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    guild   INTEGER NOT NULL,
    amount  INTEGER NOT NULL CHECK (amount >= 0),
    day     INTEGER NOT NULL,
    week    INTEGER NOT NULL,
    month   INTEGER NOT NULL,
    PRIMARY KEY (job, scope, subject)
) STRICT, WITHOUT ROWID;

-- The list of allowed and denied models becomes rules for the whole server, and its record part of the audit.
INSERT INTO policy_rule (guild, number, effect, what, name, scope, subject, actor, at_ms)
SELECT guild, row_number() OVER (PARTITION BY guild ORDER BY at_ms, model),
       CASE allowed WHEN 1 THEN 'allow' ELSE 'deny' END, 'model', model, 'server', 0, actor, at_ms
FROM policy_model;

INSERT INTO policy_guild (guild, version, numbered) SELECT guild, 1, count(*) FROM policy_rule GROUP BY guild;

INSERT INTO audit (guild, actor, action, subject, before, after, at_ms)
SELECT guild, actor, CASE allowed WHEN 1 THEN 'rules.allow' ELSE 'rules.deny' END, model, NULL,
       CASE allowed WHEN 1 THEN '{"effect": "allow"}' ELSE '{"effect": "deny"}' END, at_ms
FROM policy_audit ORDER BY id;

DROP TABLE policy_model;

DROP TABLE policy_audit;
