-- How many files a job's order has: while fewer of them are in our store, the job has copying to do, slot or not.

ALTER TABLE job ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
