"""Shows how jobs ended, results and failures alike, and writes down that it was shown.

The messenger climbs the delivery ladder; its attempts are kept here, each written before its call, so that a process
that comes after a crash knows what may already stand in the channel.
"""

from bot.clock import Clock, ServerClock
from bot.jobs.checkpoints import Checkpoint, Checkpoints
from bot.jobs.engine import notify
from bot.jobs.engine.wakeups import WakeUps
from bot.jobs.money import transitions
from bot.jobs.ports import Messenger
from bot.jobs.records import Attempt, Job, Notice, Receipt, Rung, Snapshot, State
from bot.jobs.store import attempt_rows
from bot.jobs.store.snapshots import Snapshots
from bot.storage.operation import Database

SHOWN = "shown"


class Log:
    """The attempts at showing one job's end."""

    def __init__(self, database: Database, job: str, clock: Clock, steps: Checkpoints) -> None:
        self._database = database
        self._job = job
        self._clock = clock
        self._steps = steps

    async def earlier(self) -> tuple[Attempt, ...]:
        """The attempts so far, oldest first."""
        return await self._database.read(lambda: attempt_rows.of_job(self._job))

    async def begin(self, rung: Rung) -> int:
        """Write that an attempt is about to be made."""
        now_ms = self._clock.now_ms()
        number = await self._database.run(lambda: attempt_rows.begin(self._job, rung, now_ms))
        await self._steps.reached(Checkpoint.ATTEMPTED, self._job)
        return number

    async def end(self, number: int, outcome: str, message: int | None = None) -> None:
        """Write how an attempt ended."""
        await self._database.run(lambda: attempt_rows.end(self._job, number, outcome, message))


class Deliverer:
    """Brings the ends of jobs to people."""

    def __init__(
        self,
        database: Database,
        *,
        snapshots: Snapshots,
        messenger: Messenger,
        bells: WakeUps,
        clock: Clock,
        discord_clock: ServerClock,
        steps: Checkpoints,
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._messenger = messenger
        self._bells = bells
        self._clock = clock
        self._discord_clock = discord_clock
        self._steps = steps

    async def step(self, job: str) -> None:
        """Show the end of one job, or keep it where nothing works."""
        snapshot = await self._snapshots.get(job)
        if snapshot.job.state is not State.DELIVERING and snapshot.job.notice is not Notice.DUE:
            return
        receipt = await self._show(snapshot)
        now_ms = self._clock.now_ms()
        if receipt is None:
            await self._database.run(lambda: transitions.kept(job, now_ms))
        else:
            await self._steps.reached(Checkpoint.SHOWN, job)
            took_ms = self._discord_clock.now_ms() - snapshot.job.token_created_ms
            await self._database.run(lambda: notify.shown(snapshot, receipt, now_ms, took_ms=took_ms))
        self._bells.notify.set()
        await self._steps.reached(Checkpoint.DONE, job)

    async def _show(self, snapshot: Snapshot) -> Receipt | None:
        log = Log(self._database, snapshot.job.id, self._clock, self._steps)
        known = _already_shown(snapshot.job, await log.earlier())
        return known or await self._messenger.deliver(snapshot, log)


def _already_shown(job: Job, attempts: tuple[Attempt, ...]) -> Receipt | None:
    """The receipt of an attempt that succeeded just before a crash."""
    for attempt in attempts:
        if attempt.outcome == SHOWN:
            return Receipt(attempt.rung, job.channel, attempt.message or job.message)
    return None
