-- Two more kinds of cases: a moderator deleted a result, or ended an exemption from approval. SQLite cannot change a CHECK.
CREATE TABLE moderation_case_wider (
    guild   INTEGER NOT NULL CHECK (guild > 0),
    number  INTEGER NOT NULL CHECK (number > 0),
    kind    TEXT    NOT NULL CHECK (kind IN
        ('takedown', 'deletion', 'block', 'unblock', 'warning', 'note', 'cancel', 'exemption-ended')),
    reason  TEXT    NOT NULL,
    actor   INTEGER NOT NULL,
    member  INTEGER NOT NULL,
    job     TEXT,
    at_ms   INTEGER NOT NULL,
    until_ms INTEGER,
    message TEXT    NOT NULL DEFAULT '',
    refunded_mcr INTEGER NOT NULL DEFAULT 0 CHECK (refunded_mcr >= 0),
    told    TEXT    NOT NULL DEFAULT 'none' CHECK (told IN ('none', 'due', 'told', 'closed')),
    PRIMARY KEY (guild, number)
) STRICT, WITHOUT ROWID;

INSERT INTO moderation_case_wider
    (guild, number, kind, reason, actor, member, job, at_ms, until_ms, message, refunded_mcr, told)
SELECT guild, number, kind, reason, actor, member, job, at_ms, until_ms, message, refunded_mcr, told FROM moderation_case;

DROP TABLE moderation_case;
ALTER TABLE moderation_case_wider RENAME TO moderation_case;

CREATE INDEX moderation_case_member ON moderation_case (guild, member, number);
CREATE INDEX moderation_case_untold ON moderation_case (told, guild, member) WHERE told IN ('due', 'closed');

-- The reports of a guild about which nobody has decided, the oldest first.
CREATE INDEX report_waiting ON report (guild, at_ms, id) WHERE outcome = 'open';
