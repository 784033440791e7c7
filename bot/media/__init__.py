"""Looks into, shrinks and previews files."""
