"""The SQL of the jobs' tables, as operations: job, prediction, input_file, artefact, attempt, loss."""
