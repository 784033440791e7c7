"""Looks into files, shrinks them, makes previews and writes the AI label. It knows files only."""
