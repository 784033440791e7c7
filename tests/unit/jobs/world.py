"""A test world for Jobs: everything is real except the provider, the messenger and the clock."""

import asyncio
from dataclasses import replace

from bot.app.configured_parts import build_limits
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.clock import ServerClock
from bot.guilds.guilds import Guilds
from bot.jobs.checkpoints import NoCheckpoints
from bot.jobs.dependencies import JobsDependencies
from bot.jobs.jobs import Jobs
from bot.jobs.ports import NoWebhooks, RunWebhooks
from bot.jobs.records import TERMINAL, Origin, State, Visibility
from bot.ledger.accounts import Ledger
from bot.media.decode_starts import DecodeStarts
from bot.media.media_tools import MediaTools
from bot.policy.policy import Policy
from bot.processes.notices import NoNotices, Notices
from bot.processes.this_process import Process, SingleProcess
from bot.settings import defaults
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.secret_key import SecretKey
from bot.storage.signed_links import SignedLinks
from bot.troubles import Troubles
from tests.idle_loop import WatchedDatabase
from tests.invariants import assert_ledger_is_sound
from tests.manual_clock import ManualClock
from tests.new_database import open_new
from tests.unit.jobs.counted import assert_all_is_counted_once, counters_of
from tests.unit.jobs.fakes import FakeMessenger, FakeProvider
from tests.unit.media.direct_runner import DirectRunner

GUILD, CHANNEL, MEMBER, OTHER = 1_001, 5_005, 2_002, 2_003
SCHNELL = "black-forest-labs/flux-schnell"
ONE_PICTURE = "google/imagen-4-fast"
VIDEO = "minimax/hailuo-2.3"
START_MCR = 10_000_000
UNTOUCHED = (START_MCR, 0, 0)
"""The balance of a member who has never paid anything: available, held, spent."""

ALL_PERMISSIONS = (1 << 50) - 1
KEY = b"C" * 43 + b"="
CATALOGUE = Catalogue.load()
MOST_LOOKS = 10_000


def imagine(prompt="a lighthouse in fog", *, model=SCHNELL, count=1, **more):
    return Order(Task.IMAGINE, model, prompt=prompt, count=count, **more)


def limited(*, drain_s=0.05, **settings):
    """Return the limits of a bot with these settings, with a short drain so that it stops quickly."""
    return replace(build_limits(defaults(**settings)), drain_s=drain_s)


class StopAt:
    """Blocks the process at a checkpoint, as a kill would: nothing after it happens."""

    def __init__(self, step):
        self.step = step
        self.hit = asyncio.Event()

    async def reached(self, step, job):
        if step is self.step:
            self.hit.set()
            await asyncio.Event().wait()


class World:
    """A database and a store that outlive the Jobs that use them."""

    def __init__(self, database: WatchedDatabase, path, *, limits=None):
        self.database = database
        self.clock = ManualClock()
        self.discord_clock = ServerClock(self.clock)
        self.provider_clock = ServerClock(self.clock)
        self.provider = FakeProvider(self.clock)
        self.messenger = FakeMessenger()
        self.troubles = Troubles(self.clock)
        self.ledger = Ledger(database)
        self.guilds = Guilds(database, self.clock)
        self.policy = Policy(database, CATALOGUE, self.clock)
        self.limits = limits or limited()
        self.store = ArtefactFolder(path / "artefacts", reserve_bytes=0)
        self.media = MediaTools(DirectRunner(), DecodeStarts(database))
        self.interactions = iter(range(7_000, 8_000))
        self.key = KEY
        self.links: SignedLinks | None = None
        self.webhooks: RunWebhooks = NoWebhooks()
        self.process: Process = SingleProcess()
        self.notices: Notices = NoNotices()
        self.runs_loops = True
        self.processor_s = lambda: 0.0
        self.counters = counters_of(database, CATALOGUE)
        self.jobs = self.build()

    @classmethod
    async def open(cls, path, **more):
        database = WatchedDatabase(await open_new(path / "easel.db"))
        world = cls(database, path, **more)
        for member in (MEMBER, OTHER):
            await world.ledger.mint(GUILD, START_MCR, key=f"m:{member}", actor=1, reason="", at_ms=1)
            await world.ledger.allot(GUILD, member, START_MCR, key=f"a:{member}", actor=1, reason="", at_ms=1)
        return world

    def build(self, checkpoints=None):
        self.jobs = Jobs(
            JobsDependencies(
                database=self.database,
                catalogue=CATALOGUE,
                policy=self.policy,
                guilds=self.guilds,
                provider=self.provider,
                artefacts=self.store,
                media=self.media,
                clock=self.clock,
                discord_clock=self.discord_clock,
                provider_clock=self.provider_clock,
                secret_key=SecretKey(self.key),
                links=self.links,
                webhooks=self.webhooks,
                limits=self.limits,
                troubles=self.troubles,
                checkpoints=checkpoints or NoCheckpoints(),
                process=self.process,
                notices=self.notices,
                runs_loops=self.runs_loops,
                processor_s=self.processor_s,
            )
        )
        return self.jobs

    async def start(self):
        await self.jobs.start(self.messenger)

    async def crash(self):
        """Simulate a crash: abandon the running Jobs at once and start new ones."""
        await self.jobs.stop()
        await assert_ledger_is_sound(self.database)
        self.build()
        await self.start()

    async def close(self):
        await self.jobs.stop()
        await assert_ledger_is_sound(self.database)
        if self.counters is not None:
            await assert_all_is_counted_once(self.counters, self.database)
        await self.database.close()

    def origin(self, order_key=None, **changes):
        facts = {
            "order_key": next(self.interactions) if order_key is None else order_key,
            "application_id": 42,
            "token": "a-token",
            "created_ms": self.clock.now_ms(),
            "guild": GUILD,
            "channel": CHANNEL,
            "member": MEMBER,
            "app_permissions": ALL_PERMISSIONS,
            "filesize_limit": 10 * 1024 * 1024,
            "locale": "en-US",
            "guild_locale": "en-US",
            "visibility": Visibility.CHANNEL,
        }
        return Origin(**(facts | changes))

    async def accept(self, order, origin):
        """Make an offer for an order and accept it at once."""
        return await self.jobs.accept(await self.jobs.offer(order, origin))

    async def order(self, order=None, **origin):
        """Accept an order and let Discord accept its card; return the job's id."""
        accepted = await self.accept(order or imagine(), self.origin(**origin))
        await self.jobs.card_accepted(accepted.job.id, 900)
        return accepted.job.id

    async def balance(self, member=MEMBER):
        balance = await self.ledger.balance(GUILD, member)
        return balance.available_mcr, balance.held_mcr, balance.spent_mcr

    async def state(self, job):
        return (await self.jobs.get(job)).job.state

    async def until(self, condition, *, step_s=0.0):
        """Wait until `condition()` (may be a coroutine) is true, moving the clock in steps of `step_s`.

        It is checked only after steps in which a sleeper woke, because nothing happens in the others. Fails if it
        cannot become true: nothing is left to run while the clock stands still, or `MOST_LOOKS` checks failed.
        """
        for _ in range(MOST_LOOKS if step_s else 2):
            value = condition()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            await (self.clock.advance_by_steps(step_s) if step_s else self.clock.advance(0))
        raise AssertionError(f"{condition} did not come true")

    async def reach(self, job, *states, step_s=0.25):
        """Wait until a job is in one of these states."""

        async def there():
            return (await self.state(job)) in states

        await self.until(there, step_s=step_s)

    async def finish(self, job, *, step_s=0.25):
        """Wait until a job has ended and its member was notified; return it."""

        async def over():
            snapshot = await self.jobs.get(job)
            return snapshot if snapshot.job.state in TERMINAL and snapshot.job.notice != "due" else None

        return await self.until(over, step_s=step_s)

    async def running(self, job):
        """Wait until a job's creates are answered; return the ids of its runs."""

        async def sent():
            snapshot = await self.jobs.get(job)
            sent = [item.provider_id for item in snapshot.predictions if item.state == "running"]
            return sent if snapshot.job.state is State.RUNNING and len(sent) == len(snapshot.predictions) else None

        return await self.until(sent)
