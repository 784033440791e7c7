"""Runs other Discord clients against the sandbox; see `__main__.py`."""
