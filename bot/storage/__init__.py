"""Runs operations on a database, migrates it, and stores files. It does not know what the tables mean."""
