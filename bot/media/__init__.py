"""Reads, measures, shrinks, previews and labels media files. Untrusted bytes are decoded in worker processes only."""
