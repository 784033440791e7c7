"""Decides which models may be used, by whom and where. It does not price or run orders."""
