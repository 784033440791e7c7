"""Draws charts with matplotlib, in worker processes only: importing it takes a second and 60 MB."""
