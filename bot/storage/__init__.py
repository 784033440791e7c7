"""Database drivers, schema and migrations; the store of result files."""
