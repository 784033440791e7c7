"""Transfers credits as fast as possible until it is killed, and prints each call before it and after it returns.

python -m tests.unit.ledger.kill_child DATABASE ROUND
"""

import asyncio
import os
import sys
from pathlib import Path

import structlog

from bot.storage.sqlite.driver import SqliteDatabase
from tests.unit.ledger.held_ledger import HeldLedger
from tests.unit.ledger.scenario import ADMIN, GUILD, MEMBER

TASKS = 16
AMOUNT = 30


def say(word: str, key: str) -> None:
    """Print a line for the parent in a single write, so that a kill cannot cut it."""
    os.write(1, f"{word} {key}\n".encode())


def step(ledger: HeldLedger, key: str):
    """Make the call for a key; the parent repeats the same calls."""
    verb, _, job = key.partition(":")
    by = {"key": key, "job": job, "at_ms": 1}
    match verb:
        case "i":
            return ledger.hold(GUILD, MEMBER, AMOUNT, actor=MEMBER, **by)
        case "cap":
            return ledger.capture(GUILD, MEMBER, AMOUNT // 3, hold_key=f"i:{job}", **by)
        case "rel":
            return ledger.release(GUILD, MEMBER, hold_key=f"i:{job}", **by)
    return ledger.allot(GUILD, MEMBER, AMOUNT, key=key, actor=ADMIN, reason="", at_ms=1)


async def work(ledger: HeldLedger, name: str) -> None:
    number = 0
    while True:
        number += 1
        job = f"{name}-{number}"
        for verb in ("allot", "i", "rel" if number % 3 == 0 else "cap"):
            key = f"{verb}:{job}"
            say("ask", key)
            await step(ledger, key)
            say("got", key)


async def main(path: Path, name: str) -> None:
    ledger = HeldLedger(await SqliteDatabase.open(path))
    await asyncio.gather(*(work(ledger, f"{name}-{task}") for task in range(TASKS)))


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
