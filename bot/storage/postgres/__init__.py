"""The PostgreSQL driver, and its schema as numbered files."""
