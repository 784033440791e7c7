-- Members' files go after the same days as results do; the row stays, for the recipe.

ALTER TABLE input_file ADD COLUMN removed_ms INTEGER;

CREATE INDEX input_file_kept ON input_file (job) WHERE removed_ms IS NULL;

-- A file that is also a result goes with that result.
CREATE INDEX artefact_kept_path ON artefact (path) WHERE removed_ms IS NULL;
