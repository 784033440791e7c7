"""Measures the baseline for the ledger: plain sqlite3 with one commit to disk per hold and per capture."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from bot.storage.sqlite.connection import connect_writer
from bot.storage.sqlite.schema import migrate

_TRANSFER = (
    "INSERT INTO transfer (key, kind, pending_id, guild, debit, credit, amount, fingerprint, actor, reason, job, at_ms)"
    " VALUES (?, ?, ?, 1, 1, 2, 10, '', 0, '', ?, 0) RETURNING id"
)
_CHANGE = "UPDATE account SET available = available + ?, held = held + ? WHERE id = ? AND available + ? >= 0"


def floor(path: Path, seconds: float) -> tuple[float, list[float]]:
    """Return the operations per second, and the seconds that each operation took."""
    migrate(path)
    with closing(connect_writer(path)) as connection:
        connection.execute(
            "INSERT INTO account (id, guild, kind, owner, available) VALUES (1, 1, 'member', 1, 1000000)"
        )
        connection.execute("INSERT INTO account (id, guild, kind, owner) VALUES (2, 1, 'spent', 1)")
        took: list[float] = []
        held = 0
        begin = time.perf_counter()
        while (now := time.perf_counter()) - begin < seconds:
            number = len(took) // 2
            if len(took) % 2 == 0:
                held = _hold(connection, number)
            else:
                _capture(connection, number, held)
            took.append(time.perf_counter() - now)
        return len(took) / (time.perf_counter() - begin), took


def _hold(connection: sqlite3.Connection, number: int) -> int:
    connection.execute("BEGIN IMMEDIATE")
    ((held,),) = connection.execute(_TRANSFER, (f"i:{number}", "pending", None, str(number))).fetchall()
    connection.execute(_CHANGE, (-10, 10, 1, -10))
    connection.execute("COMMIT")
    return held


def _capture(connection: sqlite3.Connection, number: int, held: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_TRANSFER, (f"cap:{number}", "post", held, str(number))).fetchall()
    connection.execute(_CHANGE, (0, -10, 1, 0))
    connection.execute(_CHANGE, (10, 0, 2, 10))
    connection.execute("COMMIT")
