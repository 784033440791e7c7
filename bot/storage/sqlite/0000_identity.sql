-- Whose books these are (see bot/storage/identity.py).
CREATE TABLE identity (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
