"""Tests of how seldom PostgreSQL has to run an operation again while many jobs are made at the same time.

It is also a race between the steps of different jobs: the checks that `world` makes at its end have to pass.
"""

import asyncio
from collections import Counter

import pytest
from structlog.testing import capture_logs

from bot.guilds.guild_settings import Payer
from bot.jobs.records import State
from bot.storage.postgres import gate
from tests.patience import PATIENCE_S
from tests.unit.jobs.world import World, imagine, limited

GUILDS, MEMBERS = range(71, 79), range(301, 306)
ADMIN, POOL_MCR = 1, 100_000_000
EACH = 2
ORDERS = len(GUILDS) * len(MEMBERS) * EACH
STEP_S = 2.0
MANY = limited(running_per_guild=100, running_per_member=100)

SELDOM = ORDERS // 4
"""The most repetitions that count as few: each order has a dozen operations, and used to cause a dozen repetitions."""


@pytest.fixture
async def world(tmp_path, on_postgresql):
    world = await World.open(tmp_path, limits=MANY)
    await world.start()
    yield world
    await world.close()


async def pools_pay(world):
    for guild in GUILDS:
        await world.ledger.mint(guild, POOL_MCR, key=f"p:{guild}", actor=ADMIN, reason="", at_ms=1)
        await world.guilds.change(guild, by=ADMIN, payer=Payer.POOL)


async def test_orders_of_eight_guilds_at_once_seldom_conflict(world, monkeypatch):
    monkeypatch.setattr(gate, "LONG_S", PATIENCE_S)
    await pools_pay(world)
    world.provider.auto = True
    jobs = []
    with capture_logs() as lines:
        for member in MEMBERS:
            orders = [world.order(imagine(), guild=guild, member=member) for guild in GUILDS for _ in range(EACH)]
            # Meanwhile the jobs of the previous members are made, charged and shown.
            *accepted, _ = await asyncio.gather(*orders, world.clock.advance(STEP_S))
            jobs += accepted
        for job in jobs:
            await world.reach(job, State.DONE)
    again = Counter(line["operation"] for line in lines if line["event"] == "run again")
    assert again.total() <= SELDOM, again
