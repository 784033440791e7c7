"""Tests of how gateway processes that share a database take, use and pass on shards. Their clients are simple."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app.gateway_shards import LINGER_S, GatewayShards
from bot.processes.cut_off import ALONE_S, STEADY_S
from bot.processes.shard_claims import LOOK_AGAIN_S, ShardClaims
from bot.storage.operation import Statement
from tests.idle_loop import WatchedDatabase, settle
from tests.manual_clock import ManualClock
from tests.new_database import open_new
from tests.notice_board import NoticeBoard


class Client:
    """A client that records its calls.

    The shards that it holds are connected at once, unless it `cannot_connect` or `connects_no_more`.
    """

    def __init__(self, recommended=4):
        self.outgrown: Exception | None = None
        self.on_shards_changed = lambda: None
        self.cannot_connect = self.connects_no_more = False
        self.connected: set[int] = set()
        self.offers = recommended
        self.count = 0
        self.holds: set[int] = set()
        self.did: list[Any] = []

    @property
    def served_shards(self):
        if not self.connects_no_more:
            self.connected = set(self.holds)
        return [] if self.cannot_connect else sorted(self.connected & self.holds)

    async def recommended(self):
        return self.offers

    recommended_at_last = recommended

    def hold(self, held):
        before, self.holds, self.count = self.holds, set(held.ids), held.count
        if self.holds != before:
            self.on_shards_changed()

    def take_over(self, shard, taken):
        self.did.append(("take over", shard, sorted(taken)))

    def hand_over(self, shard):
        self.did.append(("hand over", shard))
        return [shard + 100]

    async def begin(self):
        self.did.append("begin")


class Bot:
    """Gateway processes on one database."""

    def __init__(self, database, clock):
        self.database, self.clock, self.board = database, clock, NoticeBoard()
        self.started: list[GatewayShards] = []

    async def start(self, client):
        token = len(self.started) + 1
        sql = "INSERT INTO process (token, name, role, until_ms) VALUES ($1, $2, 'gateway', 0)"
        await self.sql(sql, token, f"easel-{token}")
        process: Any = SimpleNamespace(token=token, on_change=lambda _: None)
        claims = ShardClaims(self.database, process, self.board.join(), self.clock)
        self.started.append(GatewayShards(claims, client, self.clock, begin=client.begin))
        await self.started[-1].choose()
        await self.started[-1].start()
        await settle()
        return self.started[-1]

    async def sql(self, text, *values):
        def operation():
            return (yield Statement(text, *values))

        return await self.database.run(operation)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def bot(tmp_path, clock):
    bot = Bot(WatchedDatabase(await open_new(tmp_path / "easel.db")), clock)
    yield bot
    for shards in bot.started:
        await shards.leave()
    await bot.database.close()


async def test_single_process_acts_on_all_shards_and_does_the_work_of_the_first_shard(bot):
    client = Client(2)
    shards = await bot.start(client)
    assert client.did == [("take over", 0, []), ("take over", 1, []), "begin"]
    assert (set(shards.acts_on), shards.count) == ({0, 1}, 2)


async def test_newcomer_is_connected_before_it_acts_and_the_older_one_leaves_a_bit_later(bot, clock):
    old, new = Client(), Client()
    await bot.start(old)
    new.cannot_connect = True
    newcomer = await bot.start(new)
    assert (new.holds, new.did, old.did[4:]) == ({2, 3}, [], ["begin"])
    new.cannot_connect = False
    new.on_shards_changed()
    await settle()
    assert new.did == [("take over", 2, [102]), ("take over", 3, [103])]
    assert sorted(old.did[5:]) == [("hand over", 2), ("hand over", 3)]
    assert old.holds == {0, 1, 2, 3}  # interactions being answered still need their guilds
    await clock.advance(LINGER_S + LOOK_AGAIN_S)
    assert (old.holds, set(newcomer.acts_on)) == ({0, 1}, {2, 3})


async def test_process_that_leaves_acts_until_others_are_connected(bot, clock):
    old, new = Client(2), Client(2)
    await bot.start(old)
    await bot.start(new)
    new.cannot_connect = True
    leaving = asyncio.create_task(bot.started[0].leave())
    await settle()
    assert (("hand over", 0) in old.did, new.holds) == (False, {0, 1})
    new.cannot_connect = False
    new.on_shards_changed()
    await settle()
    assert leaving.done()
    assert [one for one in new.did if one[0] == "take over"][1:] == [("take over", 0, [100])]
    assert new.did[-1] == "begin"


async def test_last_process_leaves_at_once(bot):
    client = Client(1)
    shards = await bot.start(client)
    await shards.leave()
    assert client.did == [("take over", 0, []), "begin", ("hand over", 0)]
    assert await bot.sql("SELECT holder, taken FROM shard") == [(0, "[100]")]


async def test_newcomer_says_for_how_many_shards_it_is_ready(bot, clock, caplog):
    caplog.set_level("INFO", "bot.app.gateway_shards")
    await bot.start(Client())
    assert not caplog.messages
    newcomer = Client()
    newcomer.cannot_connect = True  # otherwise the first process might hand over before the newcomer has looked
    await bot.start(newcomer)
    assert caplog.messages[0] == "other processes answer for all shards so far; this one is ready for 2 of 4"


async def test_process_without_a_share_of_shards_stands_by_and_takes_freed_shards(bot, clock):
    old, new = Client(1), Client(1)
    await bot.start(old)
    standby = await bot.start(new)
    assert (new.holds, new.did, list(standby.acts_on)) == ({0}, [], [])
    await bot.sql("DELETE FROM process WHERE token = 1")
    await clock.advance(LOOK_AGAIN_S)
    assert new.did == [("take over", 0, []), "begin"]
    assert old.did[-1] == ("hand over", 0)  # it also looks again before it learns that it was ended


async def test_all_processes_move_to_more_shards_together(bot, clock):
    clients = [Client(2), Client(2)]
    for client in clients:
        await bot.start(client)
    for client in clients:
        client.offers = 4
        client.did.clear()
    clients[1].outgrown = ConnectionError("Discord requires more shards")
    clients[1].on_shards_changed()
    for _ in range(5):
        await clock.advance(LOOK_AGAIN_S)
    assert [client.count for client in clients] == [4, 4]
    assert sorted(sorted(client.holds) for client in clients) == [[0, 1], [2, 3]]
    assert [client.did[0] for client in clients] == [("hand over", 0), ("hand over", 1)]
    assert clients[1].outgrown is None


async def test_process_ends_if_discord_requires_more_shards_than_it_recommends(bot):
    client = Client(2)
    shards = await bot.start(client)
    client.outgrown = ConnectionError("Discord requires more shards")
    client.on_shards_changed()
    with pytest.raises(ConnectionError, match="more shards"):
        await shards.ended()


async def lose_discord(bot, clock, clients, seconds):
    for client in clients:
        client.cannot_connect = True
        client.on_shards_changed()
    await clock.advance(seconds)


async def find_discord(clock, clients, seconds=0.0):
    for client in clients:
        client.cannot_connect = False
        client.on_shards_changed()
    await clock.advance(seconds)


def held(bot):
    return [set(shards.acts_on) for shards in bot.started]


async def test_only_process_that_lost_discord_leaves_its_shards_to_a_connected_one(bot, clock):
    clients = [Client(), Client()]
    cut_off, other = [await bot.start(client) for client in clients]
    await lose_discord(bot, clock, clients[:1], ALONE_S - LOOK_AGAIN_S)
    assert held(bot) == [{0, 1}, {2, 3}]
    await clock.advance(3 * LOOK_AGAIN_S)
    assert held(bot) == [set(), {0, 1, 2, 3}]
    assert (cut_off.is_away, other.is_away) == (True, False)
    assert clients[0].holds  # so that it finds out when Discord is back


async def test_process_takes_its_share_of_shards_again_after_a_steady_connection(bot, clock):
    clients = [Client(), Client()]
    for client in clients:
        await bot.start(client)
    await lose_discord(bot, clock, clients[:1], ALONE_S + 3 * LOOK_AGAIN_S)
    await find_discord(clock, clients[:1], STEADY_S / 2)
    await lose_discord(bot, clock, clients[:1], LOOK_AGAIN_S)
    await find_discord(clock, clients[:1], STEADY_S - LOOK_AGAIN_S)
    assert held(bot) == [set(), {0, 1, 2, 3}]
    await clock.advance(3 * LOOK_AGAIN_S)
    assert [len(shards) for shards in held(bot)] == [2, 2]


async def test_no_shard_moves_during_or_right_after_a_general_outage(bot, clock):
    clients = [Client(), Client(), Client()]
    for client in clients:
        await bot.start(client)
    before, did = held(bot), [len(client.did) for client in clients]
    await lose_discord(bot, clock, clients, 5 * ALONE_S)
    assert (held(bot), [len(client.did) for client in clients]) == (before, did)
    for client in clients:  # one after the other, but all within the allowed time after the first
        await find_discord(clock, [client], ALONE_S / 2 - LOOK_AGAIN_S)
    await clock.advance(ALONE_S)
    assert (held(bot), [len(client.did) for client in clients]) == (before, did)


async def test_shards_stay_until_an_heir_is_connected(bot, clock):
    clients = [Client(), Client()]
    for client in clients:
        await bot.start(client)
    heir = clients[1]
    await lose_discord(bot, clock, clients[:1], ALONE_S - LOOK_AGAIN_S)
    heir.connects_no_more = True
    await clock.advance(ALONE_S)
    assert held(bot) == [{0, 1}, {2, 3}]
    heir.connects_no_more = False
    heir.on_shards_changed()
    await clock.advance(LOOK_AGAIN_S)
    assert held(bot) == [set(), {0, 1, 2, 3}]


async def test_cut_off_process_takes_the_shards_anyway_if_no_other_is_left(bot, clock):
    clients = [Client(), Client()]
    for client in clients:
        await bot.start(client)
    await lose_discord(bot, clock, clients[:1], ALONE_S + 3 * LOOK_AGAIN_S)
    await bot.sql("DELETE FROM process WHERE token = 2")
    await clock.advance(3 * LOOK_AGAIN_S)
    assert held(bot)[0] == {0, 1, 2, 3}


async def test_process_that_cannot_connect_at_startup_keeps_no_shards_from_others(bot, clock):
    first, other = await bot.start(Client()), Client()
    await first.not_connected()
    await bot.start(other)
    assert other.holds == {0, 1, 2, 3}


async def test_process_that_is_cut_off_moves_to_more_shards_with_all_others(bot, clock):
    clients = [Client(2), Client(2)]
    for client in clients:
        await bot.start(client)
    await lose_discord(bot, clock, clients[:1], ALONE_S + 3 * LOOK_AGAIN_S)
    assert bot.started[0].is_away
    for client in clients:
        client.offers = 4
    clients[1].outgrown = ConnectionError("Discord requires more shards")
    clients[1].on_shards_changed()
    for _ in range(5):
        await clock.advance(LOOK_AGAIN_S)
    assert not bot.started[0].is_away
    await find_discord(clock, clients[:1], LOOK_AGAIN_S)
    assert sorted(map(sorted, held(bot))) == [[0, 1], [2, 3]]
