-- Cases of moderators, and what a takedown leaves behind: the places of a result, the work that is left, and the looks
-- of its pictures.

-- A numbered case of a guild. `told` is whether its member has to be told: 'none' (nobody wanted that), 'due', 'told',
-- or 'closed' if their direct messages are closed, so that it is shown after their next command.
CREATE TABLE moderation_case (
    guild   INTEGER NOT NULL CHECK (guild > 0),
    number  INTEGER NOT NULL CHECK (number > 0),
    kind    TEXT    NOT NULL CHECK (kind IN ('takedown', 'block', 'unblock', 'warning', 'note', 'cancel')),
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

CREATE INDEX moderation_case_member ON moderation_case (guild, member, number);
CREATE INDEX moderation_case_untold ON moderation_case (told, guild, member) WHERE told IN ('due', 'closed');

-- Every message that shows a result. Those of results that were posted before this table are their latest ones. The
-- columns of the key come first: with another order, SQLite 3.40 reports damage that is not there.
CREATE TABLE posting (
    job     TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    message INTEGER NOT NULL CHECK (message > 0),
    channel INTEGER NOT NULL,
    PRIMARY KEY (job, message)
) STRICT, WITHOUT ROWID;

INSERT INTO posting (job, channel, message)
    SELECT id, shown_channel, shown_message FROM job WHERE shown_message > 0 AND shown_channel > 0 AND shown_rung <> 'kept';

-- The number of the case that took a result down; 0 if none did. Nobody may use such a result again, and its texts and
-- files are erased.
ALTER TABLE job ADD COLUMN taken_down INTEGER NOT NULL DEFAULT 0 CHECK (taken_down >= 0);

-- A takedown that goes on until nothing is left to do: it looks at the pictures, erases, and deletes messages.
CREATE TABLE takedown (
    job    TEXT    PRIMARY KEY NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    refund INTEGER NOT NULL CHECK (refund IN (0, 1)),
    actor  INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
    done   INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX takedown_left ON takedown (job) WHERE done = 0;

-- What a picture that was taken down looks like (bot/media/decoding/looks.py), as 32 hexadecimal digits.
CREATE TABLE banned_look (
    guild INTEGER NOT NULL CHECK (guild > 0),
    look  TEXT    NOT NULL CHECK (length(look) = 32),
    job   TEXT    NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild, look)
) STRICT, WITHOUT ROWID;

-- A job's refunds.
CREATE INDEX transfer_refund ON transfer (job) WHERE kind = 'direct' AND job IS NOT NULL;
