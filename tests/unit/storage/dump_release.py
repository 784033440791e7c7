"""Writes the database of a release to a file, so that later releases can be tested with it.

    python -m tests.unit.storage.dump_release 0001

writes `releases/0001.sql`: the schema files up to that number, and a ledger with every kind of transfer.
"""

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.ledger import transfers
from bot.storage.identity import claim
from bot.storage.migrations import available
from bot.storage.operation import Operation
from bot.storage.sqlite.connection import drive
from bot.storage.sqlite.schema import PACKAGE, migrate

GUILD, MEMBER, ADMIN = 1_001, 2_002, 3_003


def evening() -> tuple[Operation, ...]:
    """Return jobs of each kind: delivered, partly delivered, failed, and paid by the pool."""
    by = {"actor": ADMIN, "at_ms": 1_790_000_000_000}
    done: Any = {"at_ms": 1_790_000_060_000}
    asked: Any = {"actor": MEMBER, "at_ms": 1_790_000_030_000}
    return (
        claim("1", "http://127.0.0.1:1"),
        transfers.mint(GUILD, 5_000_000, key=f"new:{GUILD}", reason="a new guild", **by),
        transfers.allot(GUILD, MEMBER, 1_000_000, key="i:1", reason="welcome", **by),
        transfers.hold(GUILD, MEMBER, 75_000, key="i:2", job="a", **asked),
        transfers.capture(GUILD, MEMBER, 75_000, key="cap:a", hold_key="i:2", job="a", **done),
        transfers.hold(GUILD, MEMBER, 300_000, key="i:3", job="b", **asked),
        transfers.capture(GUILD, MEMBER, 225_000, key="cap:b", hold_key="i:3", job="b", **done),
        transfers.hold(GUILD, MEMBER, 75_000, key="i:4", job="c", **asked),
        transfers.release(GUILD, MEMBER, key="rel:c", hold_key="i:4", job="c", **done),
        transfers.reclaim(GUILD, MEMBER, 100_000, key="i:5", reason="too much", **by),
        transfers.hold(GUILD, 0, 13_750, key="i:6", job="d", **asked),
        transfers.capture(GUILD, 0, 13_750, key="cap:d", hold_key="i:6", job="d", **done),
    )


def dump(number: int, path: Path) -> str:
    """Return the SQL of a database at this schema number."""
    migrate(path, [migration for migration in available(PACKAGE) if migration.number <= number])
    with closing(sqlite3.connect(path)) as connection, connection:
        for operation in evening():
            drive(connection, operation)
        return "\n".join(connection.iterdump()) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        sql = dump(int(sys.argv[1]), Path(directory) / "easel.db")
    (Path(__file__).parent / "releases" / f"{sys.argv[1]}.sql").write_text(sql)
