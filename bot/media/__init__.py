"""Reads, measures, shrinks, previews and labels media files. Foreign bytes are decoded in worker processes only."""
