"""Tests of building blocks: ids, component numbering, event replay, and waiting."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import SandboxClock
from sandbox.discord.gateway.sessions import REPLAYED_MOST, Session
from sandbox.discord.world import component_tree, media_probe
from sandbox.discord.world.event_bus import CommandsChanged, EventBus
from sandbox.discord.world.snowflakes import Snowflakes, made_at_ms
from tests.sandbox.discord.sandbox_client import picture


def test_ids_increase_and_contain_their_time():
    clock = SandboxClock()
    ids, before_ms = Snowflakes(clock), clock.now_ms()
    made = [ids.next() for _ in range(1_000)]
    assert made == sorted(set(made))
    assert before_ms <= made_at_ms(made[0]) <= clock.now_ms()


def test_ids_continue_after_a_restart():
    clock = SandboxClock()
    earlier = Snowflakes(clock)
    clock.advance(3_600)
    newest = earlier.next()
    assert Snowflakes(SandboxClock(), newest=newest).next() > newest


button = st.fixed_dictionaries({"type": st.just(2), "id": st.one_of(st.none(), st.integers(1, 6))})
row = st.fixed_dictionaries({"type": st.just(1), "components": st.lists(button, max_size=5)})


@given(st.lists(row, max_size=5))
def test_components_without_an_id_are_numbered(rows):
    kept = component_tree.normalised(rows)
    before, after = list(component_tree.walk(rows)), list(component_tree.walk(kept))
    assert all(one["id"] for one in after)
    assert all(new["id"] == old["id"] for old, new in zip(before, after, strict=True) if old.get("id"))
    added = [new["id"] for old, new in zip(before, after, strict=True) if not old.get("id")]
    assert len(added) == len(set(added))


def test_session_replays_exactly_the_later_events():
    session = Session(intents=0)
    for number in range(5):
        session.dispatch("E", {"number": number})
    assert session.replay(after=3)
    assert [session._outbox.get_nowait()["s"] for _ in range(session._outbox.qsize())] == [4, 5]


def test_session_does_not_replay_dropped_or_unsent_events():
    session = Session(intents=0)
    for _ in range(REPLAYED_MOST + 2):
        session.dispatch("E", {})
    assert not session.replay(after=1)
    assert session.replay(after=2)
    assert not session.replay(after=REPLAYED_MOST + 3)


async def test_waiting_ends_on_the_event_or_the_timeout():
    hub = EventBus()
    waiting = asyncio.create_task(hub.wait(lambda: hub.version == 2, 5))
    await asyncio.sleep(0)
    hub.publish(CommandsChanged())
    hub.publish(CommandsChanged())
    assert await waiting is True
    assert await hub.wait(lambda: False, 0) is False


async def test_waiters_are_released_when_the_bus_stops():
    hub = EventBus()
    waiting = asyncio.create_task(hub.wait(lambda: False, 60))
    await asyncio.sleep(0)
    hub.stop()
    assert await waiting is False


def test_unsubscribed_listener_receives_nothing():
    hub, heard = EventBus(), []
    stop = hub.listen(heard.append)
    hub.publish(CommandsChanged())
    stop()
    hub.publish(CommandsChanged())
    assert len(heard) == 1


def test_picture_size_is_read_unless_the_file_is_broken():
    assert media_probe.probe("a.png", picture((3, 4))) == media_probe.MediaFacts("image/png", 3, 4)
    assert media_probe.probe("a.png", b"not a picture") == media_probe.MediaFacts("image/png")
    assert media_probe.probe("a.mp4", b"not a video") == media_probe.MediaFacts("video/mp4")
    assert media_probe.probe("a", b"?") == media_probe.MediaFacts(None)
