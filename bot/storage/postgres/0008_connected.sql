-- Whether a gateway process is connected to Discord, with one shard at least; and whether it leaves its shards to others,
-- because they are and it is not.
ALTER TABLE process ADD COLUMN connected BIGINT NOT NULL DEFAULT 0 CHECK (connected IN (0, 1));
ALTER TABLE process ADD COLUMN away BIGINT NOT NULL DEFAULT 0 CHECK (away IN (0, 1));
