"""The SQLite driver and the numbered files of its schema."""
