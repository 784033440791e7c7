"""The SQL of the jobs' tables, and jobs read back as records. No other package touches these tables."""
