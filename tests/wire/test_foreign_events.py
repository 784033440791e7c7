"""Tests of gateway events from outside this project: each is read or dropped, and the bot keeps running."""

import asyncio

import pytest

from tests.wire.stage import is_over, is_ready

EVENTS = [
    ("THREAD_CREATE", {"id": "5", "type": 11, "name": "cats"}),
    ("THREAD_LIST_SYNC", {"guild_id": "GUILD"}),
    ("GUILD_CREATE", {"id": "GUILD", "roles": [{}]}),
    ("GUILD_CREATE", None),
    ("CHANNEL_CREATE", {"guild_id": "GUILD", "type": 0}),
    ("CHANNEL_UPDATE", []),
    ("GUILD_ROLE_UPDATE", {"guild_id": "GUILD"}),
    ("RESUMED", None),
    ("MESSAGE_CREATE", "text"),
    ("INTERACTION_CREATE", {}),
    ("INTERACTION_CREATE", {"id": "7", "token": "t", "type": 2}),
    ("INTERACTION_CREATE", {"id": "x", "token": 9}),
    ("ENTITLEMENT_CREATE", {"id": []}),
    ("A_NEW_EVENT", {"of": "Discord's"}),
]


async def test_event_handled_while_the_bot_stops_is_not_an_error(stage, caplog):
    client = stage.app.client
    await stage.app.stop()
    await client._run_event(client.on_shard_ready, "on_shard_ready", 0)
    await stage.start_bot()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def assert_still_works(stage):
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert is_ready(await stage.message_of(answer, is_over))


async def test_events_that_cannot_be_read_are_dropped(stage):
    for name, data in EVENTS:
        where = {"guild_id": str(stage.world.guild), "id": str(stage.world.guild)} if "GUILD" in str(data) else {}
        changed = {key: where.get(key, value) for key, value in data.items()} if isinstance(data, dict) else data
        await stage.change_world("send_event", name=name, data=changed)
    await assert_still_works(stage)
    assert not stage.app._gateway.done()


@pytest.mark.parametrize("data", [None, {}, {"session_id": "s"}])
async def test_unreadable_ready_makes_a_new_connection(stage, data):
    again = [asyncio.ensure_future(stage.app.client.wait_for(name, timeout=60)) for name in ("connect", "resumed")]
    await stage.change_world("send_event", name="READY", data=data)
    await asyncio.wait(again, return_when=asyncio.FIRST_COMPLETED)
    for one in again:
        one.cancel()
    await assert_still_works(stage)
