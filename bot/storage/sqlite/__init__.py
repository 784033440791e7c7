"""The SQLite driver and its schema's numbered files."""
