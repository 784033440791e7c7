"""Names of servers in a process that holds none of their shards: as last seen by the process that holds them."""

from typing import Any

import discord
import pytest

from bot.chat.discord.gateway.gateway_offer import HeldShards
from bot.chat.discord.gateway.sharded_client import ShardedClient
from bot.chat.discord.server_names import NamedServer, ServerNames
from bot.errors import NotFound
from bot.guilds.known_guilds import GuildFacts
from bot.moderation.operator_desk import OperatorDesk
from tests.manual_clock import ManualClock
from tests.new_database import open_new

ATELIER, HARBOUR, LEFT, NAMELESS = (number << 22 for number in range(1, 5))


@pytest.fixture
async def names(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    policy: Any = None
    desk = OperatorDesk(database, policy, ManualClock())
    known = {ATELIER: "Atelier", HARBOUR: "Harbour", LEFT: "Left", NAMELESS: ""}
    await desk.seen([GuildFacts(guild, 3, 0, name) for guild, name in known.items()])

    async def not_departed():
        return frozenset({ATELIER, HARBOUR, NAMELESS})

    yield ServerNames(desk, not_departed)
    await database.close()


@pytest.fixture
def client():
    """Return the client of a process that is connected to no shard."""
    return ShardedClient(
        held=HeldShards((), 2), clock=ManualClock(), command_prefix=(), intents=discord.Intents(guilds=True)
    )


async def test_operator_sees_the_servers_of_other_processes_but_not_those_that_left(names, client):
    present = await names.present(client)
    assert present == {ATELIER: "Atelier", HARBOUR: "Harbour", NAMELESS: str(NAMELESS)}


async def test_server_is_found_by_its_name_or_id(names, client):
    assert await names.find(client, " harbour") == NamedServer(HARBOUR, "Harbour")
    assert await names.find(client, str(ATELIER)) == NamedServer(ATELIER, "Atelier")
    with pytest.raises(NotFound):
        await names.find(client, "left")


async def test_only_known_names_are_returned(names, client):
    assert await names.of(client, [LEFT, NAMELESS, 7]) == {LEFT: "Left"}
    assert await names.of(client, []) == {}
