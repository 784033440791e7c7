-- The phase that a run's log told last (see bot/provider/logs.py). It is free text here, because providers add phases.
ALTER TABLE prediction ADD COLUMN phase TEXT;
