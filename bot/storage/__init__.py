"""Runs operations on a database, migrates it, and keeps result files. It knows no table's meaning."""
