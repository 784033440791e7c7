"""Removes data that was deleted from a SQLite database from its files too.

A deleted row leaves copies behind: in the write-ahead log, and in unused parts of pages from which SQLite moved rows.
`secure_delete` overwrites a row where it is deleted, but not where it used to be (https://www.sqlite.org/pragma.html).
"""

import logging
import sqlite3

from bot.sizes import MEGABYTE

REBUILT_BYTES = 200 * MEGABYTE
"""The largest file that is rebuilt while the bot runs: writes wait for the rebuild, which needs as much memory."""

log = logging.getLogger(__name__)


def scrub(connection: sqlite3.Connection, most_bytes: int = REBUILT_BYTES) -> bool:
    """Rebuild the file and empty the log. Return False if someone was reading an earlier state of it."""
    (pages,), (page_bytes,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    if pages * page_bytes > most_bytes:
        log.warning("the database is too large to be rebuilt now: unused parts of it may keep deleted texts (VACUUM)")
    else:
        connection.execute("VACUUM")
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
