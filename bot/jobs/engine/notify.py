"""Notifies members that a job has ended, in addition to its card, because editing a card pings nobody.

A ping is a short reply to the card; a direct message is sent on request. Each is recorded as due together with the
receipt of the job's end, and as tried before the call is made, so it is sent only once, despite any crash. A
notification is an extra: if it cannot be sent, it is dropped, and no job fails because of it.
"""

import logging

from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.context import EngineContext
from bot.jobs.limits import SAME_PRESS_MS
from bot.jobs.money import transitions
from bot.jobs.ports import Messenger, NotifyResult
from bot.jobs.records import IN_PLACE, Job, Notification, NotifyChoice, Receipt, Snapshot, State, Visibility, Way
from bot.jobs.store import job_rows, notification_rows
from bot.jobs.store.job_locks import of_job
from bot.preferences import preference_rows
from bot.preferences.preference_records import Ping
from bot.storage.operation import Operation

LONG_MS = 60_000
"""A job that took longer than this pings its member, unless they prefer otherwise."""

log = logging.getLogger(__name__)


def toggle(job: str, at_ms: int) -> Operation[NotifyChoice]:
    """Request a direct message about a job's end, or withdraw the request. A double press counts once."""
    if (yield from notification_rows.requested_since(job, at_ms - SAME_PRESS_MS)):
        return NotifyChoice.ON
    if (yield from notification_rows.withdraw(job)):
        return NotifyChoice.OFF
    return NotifyChoice.ON if (yield from notification_rows.ask(job, at_ms)) else NotifyChoice.TOO_LATE


def shown(snapshot: Snapshot, receipt: Receipt, at_ms: int, *, took_ms: int) -> Operation[bool]:
    """Record that a job's end was shown, `took_ms` after the job was ordered, and ping its member if that is due.

    Return whether a ping or a direct message is to be sent now.
    """
    if snapshot.job.cancelled_by_member:
        yield from notification_rows.withdraw(snapshot.job.id)
    by_dm = yield from transitions.shown(snapshot.job.id, receipt, at_ms)
    # In the same transaction as the receipt: a crash can neither lose the ping nor cause a second one.
    if by_dm or not pings(snapshot, receipt, took_ms):
        return by_dm
    yield from notification_rows.ping(snapshot.job.id, at_ms)
    return True


def pings(snapshot: Snapshot, receipt: Receipt, took_ms: int) -> bool:
    """Return whether a job's end pings its member: the job is public, no ping was sent, and the member wants one."""
    job = snapshot.job
    if job.visibility is not Visibility.CHANNEL or receipt.rung not in IN_PLACE:
        return False
    # A member who cancelled the job, or saw the result privately before its card was corrected, already knows the end.
    if job.state is State.DONE or (job.state is State.CANCELLED and job.cancelled_by in {None, job.member}):
        return False
    return snapshot.ping is Ping.ALWAYS or (snapshot.ping is Ping.LONG and took_ms > LONG_MS)


def _may_ping_instead(job: Job, receipt: Receipt | None) -> bool:
    """Return whether a member whose direct messages are closed can be pinged by a reply to the card instead."""
    return receipt is not None and receipt.rung in IN_PLACE and job.visibility is Visibility.CHANNEL


class Notifier:
    """Sends the notifications that are due."""

    def __init__(self, context: EngineContext, messenger: Messenger) -> None:
        self._database = context.database
        self._snapshots = context.snapshots
        self._clock = context.clock
        self._checkpoints = context.checkpoints
        self._wakeups = context.wakeups
        self._process = context.process
        self._messenger = messenger

    async def step(self, job: str) -> None:
        """Send the notifications of one job that are due."""
        now_ms = self._clock.now_ms()
        snapshot = await self._snapshots.get(job)
        receipt = await self._database.read(lambda: job_rows.receipt(job))
        for one in await self._database.read(lambda: notification_rows.of_job(job, now_ms)):
            await self._send(snapshot, one, receipt)

    async def stuck(self, job: str, error: Exception) -> None:
        """Retry the notifications later, for a while, after a step failed because of a bug or fault in Easel."""
        log.warning("the notifications of job %s wait: %r", job, error)
        await self._postpone(job)

    async def _send(self, snapshot: Snapshot, one: Notification, receipt: Receipt | None) -> None:
        job = snapshot.job.id
        # Written before the call, so that after a crash an attempt with an unknown result can be told from one that was
        # never made.
        await self._database.run(of_job(job, lambda: notification_rows.trying(job, one.way)))
        self._process.require_current()
        result = await self._messenger.notify(snapshot, one, receipt)
        await self._checkpoints.reached(Checkpoint.NOTIFIED, job)
        if result is NotifyResult.UNCLEAR:
            await self._postpone(job)
            return
        now_ms = self._clock.now_ms()
        instead = result is NotifyResult.REFUSED and one.way is Way.DM and _may_ping_instead(snapshot.job, receipt)

        def over() -> Operation[None]:
            yield from notification_rows.over(job, one.way, sent=result is NotifyResult.SENT)
            if not instead:
                return
            # Snapshots of jobs whose end was shown do not contain the preference.
            wishes = yield from preference_rows.pings(snapshot.job.guild, [snapshot.job.member])
            if wishes.get(snapshot.job.member) is not Ping.NEVER:
                yield from notification_rows.ping(job, now_ms)

        await self._database.run(of_job(job, over))
        if instead:
            self._wakeups.notify.set()

    async def _postpone(self, job: str) -> None:
        now_ms = self._clock.now_ms()
        await self._database.run(of_job(job, lambda: notification_rows.postpone(job, now_ms)))
