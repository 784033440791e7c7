"""Tests of notices between processes, on a real server and on a connection that is lost."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.errors import StorageError
from bot.processes import server_notices
from bot.processes.server_notices import MOST, ServerNotices
from bot.storage.postgres.connection import connect
from tests.patience import PATIENCE_S


class Heard:
    """The texts that a listener has received so far."""

    def __init__(self):
        self.texts = []
        self._changed = asyncio.Condition()
        self._tasks = set()

    def __call__(self, text):
        self.texts.append(text)
        task = asyncio.create_task(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self):
        async with self._changed:
            self._changed.notify_all()

    async def hears(self, text):
        """Wait until the listener has received this text."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: text in self.texts)

    async def until(self, *texts):
        """Wait until the listener has received these texts, in this order, and nothing else."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: len(self.texts) >= len(texts))
        assert self.texts == list(texts)


@asynccontextmanager
async def started(url, name):
    notices = await ServerNotices.start(url, name=name)
    try:
        yield notices
    finally:
        await notices.close()


@pytest.fixture
async def pair(postgresql_url):
    async with started(postgresql_url, "one") as one, started(postgresql_url, "two") as two:
        yield one, two


async def test_notices_reach_the_other_process_only_and_by_topic(pair):
    one, two = pair
    own, jobs, guilds = Heard(), Heard(), Heard()
    one.listen("jobs", own)
    two.listen("jobs", jobs)
    two.listen("guild", guilds)
    one.tell("jobs", "submit a:b")
    one.tell("guild", "5")
    one.tell("jobs")
    await jobs.until("submit a:b", "")
    await guilds.until("5")
    two.tell("jobs", "from the other")
    await own.until("from the other")


async def test_equal_notices_are_sent_once_and_simultaneous_ones_in_one_statement(pair, postgresql_url, monkeypatch):
    one, two = pair
    heard, sent = Heard(), []
    two.listen("jobs", heard)
    send = one._send
    monkeypatch.setattr(one, "_send", lambda connection, notes: sent.append(notes) or send(connection, notes))
    for text in ("a", "b", "a"):
        one.tell("jobs", text)
    await heard.until("a", "b")
    assert sent == [["jobs:a", "jobs:b"]]


async def test_listener_that_fails_does_not_keep_others_from_hearing(pair, caplog):
    one, two = pair
    heard = Heard()

    def fail(text):
        raise ValueError(text)

    two.listen("jobs", fail)
    two.listen("jobs", heard)
    one.tell("jobs", "a")
    await heard.until("a")
    assert "could not be handled" in caplog.text
    caplog.clear()


async def test_text_that_is_too_long_for_the_server_means_that_anything_may_have_changed(pair):
    one, two = pair
    heard = Heard()
    two.listen("jobs", heard)
    one.tell("jobs", "\N{PILE OF POO}" * 2_000)
    await heard.until("")


async def test_listeners_check_everything_after_a_lost_connection(pair, postgres_server, postgresql_url):
    one, two = pair
    heard = Heard()
    two.listen("jobs", heard)
    await postgres_server.end_connections(postgresql_url)
    await heard.until("")
    one.tell("jobs", "a")
    await heard.until("", "a")


async def test_notices_wait_while_the_server_is_away(pair, postgres_server):
    one, two = pair
    heard, back = Heard(), Heard()
    two.listen("jobs", heard)
    one.listen("jobs", back)
    await asyncio.to_thread(postgres_server.halt)
    for number in range(MOST):
        one.tell("jobs", str(number))
    assert len(one._untold) == MOST
    one.tell("guild", "1")
    assert list(one._untold) == ["jobs:", "guild:"]
    await asyncio.to_thread(postgres_server.resume)
    await heard.hears("")
    await back.hears("")
    one.tell("jobs", "last")
    await heard.hears("last")


async def test_silent_connection_is_noticed(way, postgresql_url, monkeypatch):
    async with started(way.url, "one") as one, started(postgresql_url, "two") as two:
        heard = Heard()
        one.listen("jobs", heard)
        again = asyncio.create_task(way.connected(way.connections + 1))
        with monkeypatch.context() as impatient:
            impatient.setattr(server_notices, "ASK_S", 0.1)
            impatient.setattr(server_notices, "ANSWER_S", 0.5)
            way.silence_present_connections()
            await again
        await heard.until("")
        two.tell("jobs", "a")
        await heard.until("", "a")


async def test_notice_given_just_before_closing_is_sent(postgresql_url, pair, monkeypatch):
    monkeypatch.setattr(server_notices, "PAUSE_S", PATIENCE_S)
    _, two = pair
    heard = Heard()
    two.listen("jobs", heard)
    last = await ServerNotices.start(postgresql_url, name="last")
    last.tell("jobs", "freed")
    await last.close()
    await last.close()
    await heard.until("freed")


async def test_unreachable_server_is_reported_at_startup(way, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.connection.CONNECT_S", 0.0)
    await way.stop()
    with pytest.raises(StorageError):
        await ServerNotices.start(way.url, name="one")


async def test_foreign_notices_on_the_channel_are_ignored(pair, postgresql_url):
    _, two = pair
    heard = Heard()
    two.listen("jobs", heard)
    other = await connect(postgresql_url)
    await other.fetch(
        "SELECT pg_notify('easel', 'nothing'), pg_notify('easel', 'other:a'), pg_notify('easel', 'jobs:a')"
    )
    await heard.until("a")
    await other.close()
