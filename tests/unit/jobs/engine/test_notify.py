"""Tests of pings and direct messages about the end of a job: they are sent at the right time, and only once."""

import pytest

from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.notify import pings
from bot.jobs.ports import NotifyResult
from bot.jobs.records import Notification, NotifyChoice, Receipt, Rung, State, Visibility, Way
from bot.preferences.preference_records import Ping, Preference
from bot.preferences.preferences import Preferences
from bot.storage.operation import Statement
from tests.unit.chat.samples import delivered, failed, snapshot
from tests.unit.jobs.world import GUILD, MEMBER, StopAt

LONG_MS, SHORT_MS = 60_001, 60_000
EDITED = Receipt(Rung.BOT_EDIT, 20, 60)


@pytest.mark.parametrize(
    ("ping", "took_ms", "expected"),
    [
        (Ping.NEVER, LONG_MS, False),
        (Ping.LONG, SHORT_MS, False),
        (Ping.LONG, LONG_MS, True),
        (Ping.ALWAYS, 0, True),
    ],
)
def test_edit_pings_according_to_the_members_preference(ping, took_ms, expected):
    assert pings(delivered(), EDITED, LONG_MS) is True
    one = snapshot(State.DELIVERING, captured_mcr=1, ping=ping)
    assert pings(one, EDITED, took_ms) is expected


@pytest.mark.parametrize("rung", [Rung.NEW_MESSAGE, Rung.DM, Rung.KEPT])
def test_result_in_a_new_message_needs_no_extra_ping(rung):
    assert not pings(delivered(), Receipt(rung, 20, 61), LONG_MS)


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.DM])
def test_private_result_never_pings_in_public(visibility):
    assert not pings(delivered(visibility=visibility), EDITED, LONG_MS)


def test_failure_pings_like_a_result_but_a_cancelled_job_does_not():
    assert pings(failed(), EDITED, LONG_MS)
    assert not pings(failed("cancelled-by-member", State.CANCELLED), EDITED, LONG_MS)


async def finished(world, job, seconds):
    (run,) = await world.running(job)
    await world.clock.advance(seconds)
    world.provider.succeed(run)
    await world.finish(job)


async def rows(world):
    def read():
        return (yield Statement("SELECT job, way, state FROM notification ORDER BY way"))

    return await world.database.read(read)


async def notified(world, count=1):
    await world.until(lambda: len(world.messenger.notified) >= count, step_s=1)
    return world.messenger.notified


async def test_job_of_more_than_a_minute_pings_once(world):
    job = await world.order()
    await finished(world, job, 61)
    ((known, notification, shown),) = await notified(world)
    assert (known, notification, shown.message) == (job, Notification(Way.PING, tried=False), 900)
    await world.crash()
    await world.clock.advance(120)
    assert len(world.messenger.notified) == 1
    assert await rows(world) == [(job, "ping", "sent")]


async def test_quick_job_pings_only_members_who_always_want_pings(world):
    await finished(world, await world.order(), 1)
    await Preferences(world.database, world.clock).set(GUILD, MEMBER, Preference(ping=Ping.ALWAYS))
    job = await world.order()
    await finished(world, job, 1)
    assert [known for known, _, _ in await notified(world)] == [job]


async def press(world, job):
    """Press the button once and let some time pass."""
    pressed = await world.jobs.toggle_notification(job, world.clock.now_ms())
    await world.clock.advance(4)
    return pressed


async def test_notification_button_pressed_twice_at_once_counts_once(world):
    job = await world.order()
    await world.running(job)
    assert [await world.jobs.toggle_notification(job, world.clock.now_ms()) for _ in range(2)] == [
        NotifyChoice.ON,
        NotifyChoice.ON,
    ]


async def test_second_press_withdraws_the_direct_message_and_requests_survive_a_restart(world):
    job = await world.order()
    (run,) = await world.running(job)
    pressed = [await press(world, job) for _ in range(3)]
    assert pressed == [NotifyChoice.ON, NotifyChoice.OFF, NotifyChoice.ON]
    await world.crash()
    assert world.messenger.notified == []
    world.provider.fail(run)
    await world.finish(job)
    ((_, notification, shown),) = await notified(world)
    assert (notification, shown.message) == (Notification(Way.DM, tried=False), 900)
    assert await world.jobs.toggle_notification(job, world.clock.now_ms()) is NotifyChoice.TOO_LATE


async def test_requested_direct_message_is_sent_even_for_an_undelivered_result(world):
    world.messenger.on_deliver.append(None)
    job = await world.order()
    await world.running(job)
    await world.jobs.toggle_notification(job, world.clock.now_ms())
    await finished(world, job, 61)
    ((_, notification, shown),) = await notified(world)
    assert (notification.way, shown) == (Way.DM, None)


async def test_next_process_searches_for_a_ping_interrupted_by_a_crash(world):
    await world.jobs.stop()
    watch = StopAt(Checkpoint.NOTIFIED)
    world.build(watch)
    await world.start()
    job = await world.order()
    await finished(world, job, 61)
    await world.until(watch.hit.is_set)
    await world.crash()
    _, (_, again, _) = await notified(world, 2)
    assert again == Notification(Way.PING, tried=True)
    await world.until(lambda: _is(world, [(job, "ping", "sent")]))


async def _is(world, expected):
    return await rows(world) == expected


async def test_notification_is_retried_for_ten_minutes_but_dropped_if_refused(world):
    world.messenger.on_notify = [NotifyResult.UNCLEAR] * 100
    job = await world.order()
    await finished(world, job, 61)
    await world.until(lambda: _is(world, [(job, "ping", "dropped")]), step_s=5)
    assert 20 <= len(world.messenger.notified) <= 42
    world.messenger.on_notify, world.messenger.notified = [NotifyResult.REFUSED], []
    other = await world.order()
    await finished(world, other, 61)
    await notified(world)
    await world.clock.advance(60)
    assert len(world.messenger.notified) == 1
    assert (other, "ping", "dropped") in await rows(world)
