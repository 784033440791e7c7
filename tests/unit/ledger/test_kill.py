"""Tests that kill a process at a random moment: confirmed transfers are on disk, and all others can be repeated."""

import asyncio
import random
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from pathlib import Path

from bot.ledger.verify import verify
from bot.storage.operation import Statement
from bot.storage.sqlite.driver import SqliteDatabase
from tests.patience import PATIENCE_S
from tests.unit.ledger.held_ledger import HeldLedger
from tests.unit.ledger.kill_child import step
from tests.unit.ledger.scenario import ADMIN, GUILD

ROOT = Path(__file__).parents[3]
ROUNDS = 4


async def killed(path, name):
    """Let a child work, kill it, and return the keys that it requested and those that were confirmed, in order."""
    command = (sys.executable, "-m", "tests.unit.ledger.kill_child", path, name)
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=DEVNULL)
    assert child.stdout is not None
    lines = [await asyncio.wait_for(child.stdout.readline(), PATIENCE_S)]
    lines += await until_killed(child)
    said = [line.decode().split() for line in lines if line.endswith(b"\n")]
    asked, got = ([key for word, key in said if word == wanted] for wanted in ("ask", "got"))
    return asked, got


async def until_killed(child):
    lines = []
    with suppress(TimeoutError):
        async with asyncio.timeout(random.uniform(0.02, 0.3)):
            while line := await child.stdout.readline():
                lines.append(line)
    child.kill()
    lines += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()
    return lines


def keys():
    rows = yield Statement("SELECT key FROM transfer")
    return {key for (key,) in rows}


async def test_confirmed_transfers_survive_a_kill_and_the_rest_can_be_repeated(tmp_path):
    path = tmp_path / "easel.db"
    database = await SqliteDatabase.open(path)
    await HeldLedger(database).mint(GUILD, 10**12, key="mint", actor=ADMIN, reason="", at_ms=1)
    await database.close()
    answered = 0
    for number in range(ROUNDS):
        asked, got = await killed(path, f"round{number}")
        answered += len(got)
        database = await SqliteDatabase.open(path)
        stored = await database.read(keys)
        assert set(got) <= stored
        assert await verify(database) == ()
        ledger = HeldLedger(database)
        again = await asyncio.gather(*(step(ledger, key) for key in asked))
        assert [result.key for result in again] == asked
        assert set(asked) <= await database.read(keys)
        assert await verify(database) == ()
        await database.close()
    assert answered > ROUNDS
