"""Writes into a result file what made it, without touching a pixel or a sample of it."""
