-- Decoding of a foreign file that has started and not ended: written before it starts, deleted at its end.
-- What is found here after a restart may have killed the process; after two starts the file is given up.

CREATE TABLE decode_start (
    subject TEXT PRIMARY KEY NOT NULL,
    starts INTEGER NOT NULL CHECK (starts > 0)
) STRICT;
