"""Shows how jobs ended, both results and failures, and records that it was shown.

The messenger climbs the delivery ladder. Each attempt is recorded before the call is made, so that after a crash, the
next process knows what may already be in the channel.
"""

import logging

from bot.errors import CancelledByMember, ContentFiltered, InputRejected, ModelFailed, StorageError
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine import notify
from bot.jobs.engine.card_repair import CardRepair
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import EngineContext
from bot.jobs.money import transitions
from bot.jobs.ports import CardState, Messenger
from bot.jobs.records import IN_PLACE, SHOWN, Attempt, EndNotice, Job, Receipt, Rung, Snapshot, State
from bot.jobs.store import attempt_rows, job_rows
from bot.jobs.store.job_locks import of_job
from bot.storage.operation import Operation
from bot.troubles import Part

ORDINARY = frozenset({error().key for error in (CancelledByMember, ContentFiltered, InputRejected, ModelFailed)})
"""The failures that need no investigation."""

log = logging.getLogger(__name__)


class AttemptLog:
    """The recorded attempts at showing one job's end."""

    def __init__(self, context: EngineContext, job: str, earlier: tuple[Attempt, ...]) -> None:
        """`earlier` are the attempts so far, oldest first."""
        self._database = context.database
        self._job = job
        self._earlier = earlier
        self._clock = context.clock
        self._checkpoints = context.checkpoints
        self._process = context.process

    async def earlier(self) -> tuple[Attempt, ...]:
        """Return the attempts before this step, oldest first."""
        return self._earlier

    async def begin(self, rung: Rung) -> int:
        """Record an upcoming attempt; return its number. Raises Fenced if another process may hold the job."""
        now_ms = self._clock.now_ms()
        number = await self._database.run(of_job(self._job, lambda: attempt_rows.begin(self._job, rung, now_ms)))
        await self._checkpoints.reached(Checkpoint.ATTEMPTED, self._job)
        self._process.require_current()
        return number

    async def end(self, number: int, outcome: str, message: int | None = None) -> None:
        """Record how an attempt ended."""
        await self._database.run(of_job(self._job, lambda: attempt_rows.end(self._job, number, outcome, message)))


class Deliverer:
    """Shows members how their jobs ended."""

    def __init__(
        self, context: EngineContext, messenger: Messenger, repair: CardRepair, card_updates: CardUpdates
    ) -> None:
        self._context = context
        self._database = context.database
        self._snapshots = context.snapshots
        self._clock = context.clock
        self._discord_clock = context.discord_clock
        self._provider_clock = context.provider_clock
        self._figures = context.deliveries
        self._checkpoints = context.checkpoints
        self._wakeups = context.wakeups
        self._messenger = messenger
        self._troubles = context.troubles
        self._repair = repair
        self._card_updates = card_updates

    async def step(self, job: str) -> bool:
        """Show the end of one job, or keep it for later if every rung fails. Return whether this step is done."""
        self._card_updates.ends(job)
        try:
            snapshot, recorded, earlier = await self._database.read(lambda: self._read(job))
        except StorageError:
            if not await self._ended_unreadable(job):
                raise
            return True
        if snapshot.job.state is not State.DELIVERING and snapshot.job.notice is not EndNotice.DUE:
            return True
        if snapshot.job.taken_down:
            await self._keep_hidden(job)
            return True
        self._tell_operator(snapshot.job)
        attempts = AttemptLog(self._context, job, earlier)
        receipt = await self._show(snapshot, attempts, _shown_unrecorded(earlier, recorded))
        now_ms = self._clock.now_ms()
        if receipt is None:
            # The charge stands: the file is stored, and the member can fetch it for as long as files are kept.
            await self._database.run(of_job(job, lambda: transitions.undelivered(job, now_ms)))
            self._count(snapshot, Rung.KEPT)
            await self._repair.kept(snapshot.job)
            self._wakeups.notify.set()
        else:
            await self._checkpoints.reached(Checkpoint.SHOWN, job)
            # Both times come from Discord's clock, so the difference is right even if the machine's clock is wrong.
            took_ms = self._discord_clock.now_ms() - snapshot.job.token_created_ms
            if await self._database.run(of_job(job, lambda: notify.shown(snapshot, receipt, now_ms, took_ms=took_ms))):
                self._wakeups.notify.set()
            self._count(snapshot, receipt.rung)
        await self._checkpoints.reached(Checkpoint.DONE, job)
        return True

    def _read(self, job: str) -> Operation[tuple[Snapshot, Receipt | None, tuple[Attempt, ...]]]:
        """Return a job, where its end was last shown, and the attempts so far."""
        snapshot = yield from self._snapshots.within(job)
        return snapshot, (yield from job_rows.receipt(job)), (yield from attempt_rows.of_job(job))

    def _count(self, snapshot: Snapshot, rung: Rung) -> None:
        """Count a result the first time it is shown or kept."""
        if snapshot.job.state is State.DELIVERING:
            now_ms, provider_ms = self._clock.now_ms(), self._provider_clock.now_ms()
            self._figures.delivered(snapshot, rung, now_ms=now_ms, provider_ms=provider_ms)

    async def _keep_hidden(self, job: str) -> None:
        """Record the end of a job that was taken down: its end is shown to nobody, and its message is deleted."""
        now_ms = self._clock.now_ms()
        await self._database.run(of_job(job, lambda: transitions.hidden(job, now_ms)))
        self._wakeups.taken_down()

    async def _ended_unreadable(self, job: str) -> bool:
        """Make the card of a job with an unreadable record show that the job was given up; return whether it does.

        Otherwise the card would promise a result forever.
        """
        if await self._snapshots.is_readable(job):  # the database only failed for a moment
            return False
        found = await self._database.read(lambda: job_rows.unreadable(job))
        if found is None or not await self._messenger.end_unreadable(found):
            return False
        now_ms, receipt = self._clock.now_ms(), Receipt(Rung.BOT_EDIT, found.channel, found.message)
        await self._database.run(of_job(job, lambda: transitions.shown(job, receipt, now_ms)))
        return True

    def _tell_operator(self, job: Job) -> None:
        """Log how a job ended, under both of its ids: members know the short one."""
        if job.failure is None:
            self._troubles.worked(Part.PROVIDER)
            return
        level = logging.INFO if job.failure.key in ORDINARY else logging.WARNING
        facts = dict(job.failure.facts)
        log.log(level, "job %s (%s) ended: %s %s", job.short_id, job.id, job.failure.key, facts or "")
        self._troubles.note_failure(job.failure)

    async def _show(self, snapshot: Snapshot, attempts: AttemptLog, known: Attempt | None) -> Receipt | None:
        # A crash after Discord's answer and before the receipt must not show the result twice.
        if known is None or await self._is_overwritten(snapshot.job, known):
            return await self._messenger.deliver(snapshot, attempts)
        channel = await self._messenger.channel_of(snapshot.job, known.rung)
        return Receipt(known.rung, channel, known.message or snapshot.job.message)

    async def _is_overwritten(self, job: Job, known: Attempt) -> bool:
        """Return whether the card shows a job in progress: a progress edit came after the edit that showed its end.

        A bot that keeps running then shows the end again, but it may have been killed first.
        """
        if known.rung not in IN_PLACE:
            return False
        found = await self._messenger.find_end(job)
        return found.state is CardState.SHOWN and found.end is None


def _shown_unrecorded(attempts: tuple[Attempt, ...], recorded: Receipt | None) -> Attempt | None:
    """Return an attempt that succeeded just before a crash.

    An end that is recorded and due again is to be shown in another place, so the recorded attempt is ignored.
    """
    before = (recorded.rung, recorded.message) if recorded else None
    return next((one for one in attempts if one.outcome == SHOWN and (one.rung, one.message) != before), None)
