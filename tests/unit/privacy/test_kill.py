"""Tests that kill the process while it erases: afterwards either all of a member's data is there, or none."""

import asyncio
import signal

import pytest

from bot.privacy.erasures import WAITS_DAYS
from bot.storage.sqlite.driver import SqliteDatabase
from tests.fork_server import SERVER
from tests.idle_loop import WatchedDatabase
from tests.patience import PATIENCE_S
from tests.present import present
from tests.unit.jobs.world import GUILD, World
from tests.unit.privacy.conftest import WHO, House
from tests.unit.privacy.erase_child import erase


async def killed(folder, where):
    child = SERVER.Process(target=erase, args=(folder, where))
    child.start()
    await asyncio.to_thread(child.join, PATIENCE_S)
    assert child.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("where", ["before-transaction", "in-transaction", "after-transaction"])
async def test_killed_erasure_is_all_or_nothing_and_is_finished_by_the_next_process(tmp_path, where):
    world = await World.open(tmp_path)
    await world.start()
    house = House(world, tmp_path)
    await house.credit()
    await house.fill(await house.result())
    await house.erasures.ask(WHO)
    await house.wait_days(WAITS_DAYS + 1)
    before = await contents(house)
    await world.close()
    await killed(tmp_path, where)
    assert house.traces()  # after the transaction, in the log of the database

    again = House(World(WatchedDatabase(await SqliteDatabase.open(tmp_path / "easel.db")), tmp_path), tmp_path)
    after = await contents(again)
    if where == "after-transaction":
        assert WHO not in {one for row in after for one in row}
    else:
        assert after == before
        assert present(await again.erasures.of(WHO)).begun
    await again.erasures.carry_out()
    assert again.traces() == []
    assert (await again.world.ledger.balance(GUILD, WHO)).available_mcr == 0
    await again.world.close()


async def contents(house):
    """Return rows of the tables that the transaction changes first, last and in between."""
    return [
        row
        for table in ("account", "transfer", "preset", "gift", "moderation_case", "job")
        for row in await house.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3")
    ]
