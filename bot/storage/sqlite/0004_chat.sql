-- What chat remembers across restarts, by name: digests of the commands that were registered (see bot/chat/memory.py).
CREATE TABLE chat_memory (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
