-- Results are kept for some days: the file goes, its row stays, for the books and the recipe.

ALTER TABLE artefact ADD COLUMN removed_ms INTEGER;

CREATE INDEX artefact_kept ON artefact (job) WHERE removed_ms IS NULL;

-- A result that a later job works on is the same file.
CREATE INDEX input_file_path ON input_file (path);
