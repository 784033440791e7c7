-- What moderators have stopped: members who may not order, and tasks (empty: all) that nobody may order for now.

CREATE TABLE member_block (
    guild       INTEGER NOT NULL CHECK (guild > 0),
    member      INTEGER NOT NULL CHECK (member > 0),
    reason      TEXT    NOT NULL,
    until_ms    INTEGER,
    case_number INTEGER NOT NULL,
    PRIMARY KEY (guild, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE order_pause (
    guild    INTEGER NOT NULL CHECK (guild > 0),
    task     TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    actor    INTEGER NOT NULL,
    until_ms INTEGER,
    PRIMARY KEY (guild, task)
) STRICT, WITHOUT ROWID;
