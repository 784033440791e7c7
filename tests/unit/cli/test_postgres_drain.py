"""Tests of what `easel drain` makes several processes do and says about them; here, the processes are only rows."""

import asyncio

import click
import pytest

from bot.app.shared_database import join
from bot.app.shutdown import BoundedShutdown
from bot.cli import drain as command
from bot.cli import drained_processes
from bot.cli.drain import NOT_IN_TIME, drain
from bot.clock import SystemClock
from bot.processes.notices import DRAIN
from bot.processes.server_notices import ServerNotices
from bot.settings import defaults
from bot.storage.operation import Statement
from bot.storage.postgres.side_session import Session
from tests.patience import PATIENCE_S
from tests.unit.jobs.world import World

LATER_MS = 4_000_000_000_000


class Company:
    """The processes of a bot, as rows. While they `listen`, each obeys every drain at once."""

    def __init__(self, url, folder):
        self.settings = defaults(database_url=url, data_dir=folder)
        self.session = Session(url, "test")
        self.heard = asyncio.Event()
        self.answers = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def sql(self, text, *values):
        def operation():
            return (yield Statement(text, *values))

        return await self.session.run(operation)

    async def begins(self, name, role, until_ms=LATER_MS):
        await self.sql("INSERT INTO process (name, role, until_ms) VALUES ($1, $2, $3)", name, role, until_ms)

    async def listen(self):
        self._notices = await ServerNotices.start(self.settings.database_url, name="listener")
        self._notices.listen(DRAIN, lambda _: self.heard.set())
        self._tasks.append(asyncio.create_task(self._obey()))

    async def _obey(self):
        while True:
            await self.heard.wait()
            self.heard.clear()
            await self.sql(
                "UPDATE process SET drain = COALESCE((SELECT number FROM drain), 0), answers = $1", self.answers
            )

    async def close(self):
        for task in self._tasks:
            task.cancel()
            await self._notices.close()
        await self.session.close()


@pytest.fixture
async def company(postgresql_url, tmp_path):
    company = Company(postgresql_url, tmp_path)
    yield company
    await company.close()


@pytest.fixture
def brief(monkeypatch):
    """Shorten the waits for answers that will not come."""
    monkeypatch.setattr(drained_processes, "HEARD_S", 0.0)
    monkeypatch.setattr(command, "LOOK_AGAIN_S", 0.01)


async def test_all_processes_drain_until_undo(company, capsys):
    for name, role in (("a", "gateway"), ("b", "gateway"), ("c", "worker")):
        await company.begins(name, role)
    await company.listen()
    assert await drain(company.settings, method="GET") == 0
    assert capsys.readouterr().out.startswith("New orders are accepted. Running: 2 gateway processes and 1 worker.\n")
    assert await drain(company.settings, method="POST", wait_s=PATIENCE_S) == 0
    told = capsys.readouterr().out
    assert "and nothing is in flight. All processes can be stopped: 2 gateway processes and 1 worker." in told
    assert "until `easel drain --undo`" in told
    ((by, one_number),) = await company.sql("SELECT asked_by, number FROM drain")
    assert f" UTC, at the request of {by}, " in told
    assert await drain(company.settings, method="POST") == 0
    assert await company.sql("SELECT number FROM drain") == [(one_number,)]
    assert await drain(company.settings, method="DELETE") == 0
    assert "New orders are accepted." in capsys.readouterr().out
    assert await company.sql("SELECT 1 FROM drain") == []


async def test_drain_names_and_waits_for_a_process_that_does_not_confirm_it(company, brief, capsys):
    await company.begins("easel-gateway-a", "gateway")
    assert await drain(company.settings, method="POST") == NOT_IN_TIME
    assert "These have not confirmed it yet: easel-gateway-a." in capsys.readouterr().out
    assert await drain(company.settings, method="POST", wait_s=0.05) == NOT_IN_TIME
    assert "That took too long." in capsys.readouterr().out
    assert await drain(company.settings, method="GET") == 0


async def test_process_that_obeyed_an_earlier_drain_has_not_confirmed_this_one(company, brief, capsys):
    await company.begins("easel-gateway-a", "gateway")
    await drain(company.settings, method="POST")
    await company.sql("UPDATE process SET drain = (SELECT number FROM drain)")
    await drain(company.settings, method="DELETE")
    assert await drain(company.settings, method="POST") == NOT_IN_TIME
    assert "These have not confirmed it yet" in capsys.readouterr().out


async def test_drain_does_not_wait_for_a_process_whose_lease_has_expired(company, brief):
    await company.begins("dead", "gateway", until_ms=0)
    await company.begins("alive", "gateway")
    await company.listen()
    await company.sql("INSERT INTO drain (id, since_ms, asked_by) VALUES (1, 0, 'olga')")
    await company.sql("UPDATE process SET drain = (SELECT number FROM drain) WHERE name = 'alive'")
    assert await drain(company.settings, method="GET", wait_s=PATIENCE_S) == 0


async def test_drain_waits_for_answers_that_may_become_jobs(company, capsys):
    company.answers = 2
    await company.begins("a", "gateway")
    await company.listen()
    assert await drain(company.settings, method="POST", wait_s=0.0) == NOT_IN_TIME
    assert "In flight: 0 jobs, 2 answers. Running: 1 gateway process." in capsys.readouterr().out


async def test_wait_ends_when_another_operator_undoes_the_drain(company, capsys):
    company.answers = 1
    await company.begins("a", "gateway")
    await company.listen()
    waiting = asyncio.create_task(drain(company.settings, method="POST", wait_s=PATIENCE_S))
    async with asyncio.timeout(PATIENCE_S):
        while not await company.sql("SELECT 1 FROM process WHERE drain > 0"):
            pass
    await drain(company.settings, method="DELETE")
    assert await waiting == NOT_IN_TIME
    assert "Draining was cancelled" in capsys.readouterr().out


async def test_jobs_without_a_worker_are_reported(company, tmp_path, postgresql_url, capsys):
    (tmp_path / "postgresql-url").write_text(postgresql_url)
    world = await World.open(tmp_path)
    await world.start()
    await world.order()
    await world.close()
    await company.begins("a", "gateway")
    await company.listen()
    assert await drain(company.settings, method="POST") == 0
    assert "In flight: 1 job, 0 answers." in (told := capsys.readouterr().out)
    assert "The jobs wait until a worker runs." in told


async def test_drain_outlives_all_processes_and_can_be_undone_without_any(company, brief, capsys):
    await company.sql("INSERT INTO drain (id, since_ms, asked_by) VALUES (1, 0, 'olga@shell')")
    assert await drain(company.settings, method="GET") == 0
    assert "since 1970-01-01 00:00 UTC, at the request of olga@shell" in capsys.readouterr().out
    assert await drain(company.settings, method="DELETE") == 0
    told = "no bot is running .*, and no processes share the database. Use the same DATABASE_URL and DATA_DIR"
    with pytest.raises(click.ClickException, match=told):
        await drain(company.settings, method="POST")


async def test_process_that_owns_the_database_alone_ends_an_earlier_drain(company):
    await company.sql("INSERT INTO drain (id, since_ms, asked_by) VALUES (1, 0, 'olga')")
    async with BoundedShutdown() as stack:
        await join(company.settings, SystemClock(), stack, None)
        assert await company.sql("SELECT 1 FROM drain") == []


@pytest.fixture
async def sharing(company):
    """Two gateway processes with two shards each, and a worker with a job."""
    await company.begins("easel-gateway-a", "gateway")
    await company.begins("easel-gateway-b", "gateway")
    await company.begins("easel-worker-c", "worker")
    await company.sql("UPDATE process SET ready = 1")
    await company.sql("INSERT INTO shard (number, holder) SELECT n, 1 + n / 2 FROM generate_series(0, 3) n")
    return company


async def test_status_lists_each_process_and_what_it_holds(sharing, capsys):
    assert await drain(sharing.settings, method="GET") == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  easel-gateway-a: 2 of 4 shards",
        "  easel-gateway-b: 2 of 4 shards",
        "  easel-worker-c: 0 jobs",
    ]


async def test_one_gateway_process_passes_its_shards_on_until_undo(sharing, brief, capsys):
    assert await drain(sharing.settings, method="POST", wait_s=0.05, process="way-a") == NOT_IN_TIME
    assert "easel-gateway-a passes its shards on: 2 of 4 shards" in (told := capsys.readouterr().out)
    assert "`easel drain --undo --process way-a` ends it" in told
    assert await sharing.sql("SELECT name FROM process WHERE ready = 1 ORDER BY 1") == [
        ("easel-gateway-b",),
        ("easel-worker-c",),
    ]
    await sharing.sql("UPDATE shard SET holder = 2")
    assert await drain(sharing.settings, method="GET", wait_s=PATIENCE_S, process="way-a") == 0
    assert "has passed on all its shards: it can be stopped without a gap." in capsys.readouterr().out
    assert await drain(sharing.settings, method="DELETE", process="way-a") == 0
    assert "easel-gateway-a takes shards: 0 of 4 shards." in capsys.readouterr().out
    assert await sharing.sql("SELECT 1 FROM drain") == []


async def test_shards_that_no_other_process_takes_are_reported(sharing, capsys):
    await sharing.sql("UPDATE process SET ready = 0 WHERE name = 'easel-gateway-b'")
    assert await drain(sharing.settings, method="POST", process="way-a") == 0
    assert "No other gateway process takes them." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("gateway", "2 running processes have gateway in their names: easel-gateway-a, easel-gateway-b"),
        ("elsewhere", "no running process has elsewhere in its name. Running: easel-gateway-a, easel-gateway-b, "),
        ("worker", "easel-worker-c is a worker: just stop it"),
    ],
)
async def test_name_must_match_exactly_one_gateway_process(sharing, part, told):
    with pytest.raises(click.ClickException, match=told):
        await drain(sharing.settings, method="POST", process=part)
    assert await sharing.sql("SELECT 1 FROM process WHERE ready = 0") == []


async def test_host_identifies_the_only_gateway_process_among_workers(company, capsys):
    await company.begins("easel-gateway-host-1", "gateway")
    await company.begins("easel-worker-host-2", "worker")
    assert await drain(company.settings, method="GET", process="host") == 0
    assert capsys.readouterr().out.startswith("easel-gateway-host-1 ")


async def test_workers_that_match_the_same_name_need_not_drain(company):
    for name in ("easel-worker-1", "easel-worker-2"):
        await company.begins(name, "worker")
    with pytest.raises(click.ClickException, match="easel-worker-1 is a worker: just stop it"):
        await drain(company.settings, method="POST", process="worker")


async def test_single_process_has_no_other_process_to_pass_shards_to(company):
    with pytest.raises(click.ClickException, match="leave --process out"):
        await drain(company.settings, method="POST", process="a")
