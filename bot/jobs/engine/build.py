"""Builds the supervised loops that see accepted jobs through to the end."""

import functools
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.errors import StorageError
from bot.jobs.engine.card_check import CardCheck
from bot.jobs.engine.card_repair import CardRepair
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.collect import Collector
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.deliver import Deliverer
from bot.jobs.engine.job_claims import JobClaims
from bot.jobs.engine.list_sweep import ListSweep
from bot.jobs.engine.loops import Loop, Worker
from bot.jobs.engine.notify import Notifier
from bot.jobs.engine.outcome import RunOutcomes
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.queue_cards import QueueCards, QueueRounds
from bot.jobs.engine.restore_check import RestoreCheck
from bot.jobs.engine.retention import Retention
from bot.jobs.engine.stop_runs import RunStopper
from bot.jobs.engine.submit import Submitter
from bot.jobs.engine.takedown_finisher import TakedownFinisher
from bot.jobs.engine.unknown_creates import UnknownCreates
from bot.jobs.engine.uptime import Uptime
from bot.jobs.engine.wakeups import WakeUp
from bot.jobs.files.input_files import InputFiles
from bot.jobs.files.provider_links import ProviderLinks
from bot.jobs.money import transitions
from bot.jobs.ports import Messenger
from bot.jobs.store import comparison_rows, due_jobs, notification_rows, pause_rows, takedown_rows
from bot.jobs.store.due_jobs import Due
from bot.jobs.store.job_locks import of_job
from bot.jobs.store.pause_rows import Step
from bot.storage.operation import Operation

log = logging.getLogger(__name__)

STUCK_TRIES = 8
"""A job is ended when one of its steps has failed this many times in a row because of a bug."""

STEP_WAITS_S = 0.5
"""The longest time that a step waits, before it begins, for answers to be sent."""

STORAGE_TRIES = 60
"""Like STUCK_TRIES, but for failures of the database or the disk, which are not the job's fault: about 55 minutes
including the pauses."""


def build_loops(
    context: EngineContext,
    messenger: Messenger,
    *,
    card_updates: CardUpdates,
    card_check: CardCheck,
    card_repair: CardRepair,
    queue_cards: QueueCards,
    links: ProviderLinks,
    secrets: Mapping[str, str],
) -> list[Loop]:
    """Return all loops of the engine, not started yet. `secrets` are the operator's keys by input name.

    A loop that is a duty runs in only one process. The other loops carry out the steps of the jobs that this process
    holds.
    """
    outcomes = RunOutcomes(context, card_updates)
    poller = Poller(context, outcomes)
    submitter = Submitter(
        context,
        inputs=_input_files(context, messenger, links),
        unknown_creates=UnknownCreates(context, poller=poller, outcomes=outcomes),
        poller=poller,
        outcomes=outcomes,
        card_updates=card_updates,
        secrets=secrets,
    )
    deliverer, notifier = Deliverer(context, messenger, card_repair, card_updates), Notifier(context, messenger)
    restore_check = RestoreCheck(context, messenger, poller, card_repair, secrets)
    finisher = TakedownFinisher(context, messenger)
    workers, wakeups, clock = _Workers(context), context.wakeups, context.clock
    held, duty = workers.held, workers.duty
    loops = [
        held(
            "cards", wakeups.cards, due_jobs.unclear_cards, lambda job: card_check.look(job, messenger), Step.CARD_FAULT
        ),
        duty("compare", wakeups.compare, comparison_rows.due, restore_check.step, restore_check.stuck),
        workers.loop("submit", wakeups.submit, submitter.due, submitter.step, Step.SUBMIT_FAULT),
        Loop("poll", poller, clock),
        Loop("sweep", ListSweep(context, poller), clock),
        held("cancel", wakeups.cancel, due_jobs.to_cancel, RunStopper(context, outcomes).step, Step.CANCEL_FAULT),
        held("collect", wakeups.collect, due_jobs.to_collect, Collector(context).step, Step.COLLECT_FAULT),
        held("deliver", wakeups.deliver, due_jobs.to_show, deliverer.step, Step.DELIVER_FAULT),
        held("notify", wakeups.notify, notification_rows.due, notifier.step, notifier.stuck),
        held("deadlines", wakeups.deadlines, due_jobs.to_expire, submitter.expire, Step.EXPIRE_FAULT),
        duty("takedown", wakeups.takedown, takedown_rows.due, finisher.step, finisher.stuck),
        Loop("progress", card_updates, clock),
        Loop("queue", QueueRounds(queue_cards, messenger, context), clock),
        Loop("repair", card_repair, clock, duty=True),
        Loop("retention", Retention(context), clock, duty=True),
        Loop("uptime", Uptime(context), clock, duty=True),
    ]
    if context.process.token:
        job_claims = JobClaims(context, poller, card_updates)
        job_claims.listen()
        loops.append(Loop("claims", job_claims, clock))
    return loops


def _input_files(context: EngineContext, messenger: Messenger, links: ProviderLinks) -> InputFiles:
    return InputFiles(
        context.database,
        catalogue=context.catalogue,
        provider=context.provider,
        artefacts=context.artefacts,
        media=context.media,
        linker=links,
        messenger=messenger,
        limits=context.limits,
    )


Select = Callable[[int], Operation[list[Due]]]
Take = Callable[[str], Awaitable[bool | None]]
Stuck = Step | Callable[[str, Exception], Awaitable[None]]


class _Workers:
    """Builds the loops that take one step for each job that is due."""

    def __init__(self, context: EngineContext) -> None:
        self._context = context

    def held(
        self, name: str, wakeup: WakeUp, select: Callable[[int, int], Operation[list[Due]]], step: Take, stuck: Stuck
    ) -> Loop:
        """Return a loop for the jobs that this process holds; `select` also gets the process's number."""
        holder = self._context.process.token
        return self.loop(name, wakeup, lambda most: select(most, holder), step, stuck)

    def duty(self, name: str, wakeup: WakeUp, select: Select, step: Take, stuck: Stuck) -> Loop:
        """Return a loop that handles all jobs and runs in only one process."""
        return self.loop(name, wakeup, select, step, stuck, duty=True)

    def loop(self, name: str, wakeup: WakeUp, select: Select, step: Take, stuck: Stuck, *, duty: bool = False) -> Loop:
        """Return a loop that takes `step` for the jobs that `select` reads.

        `stuck` is called when a step raises; if `stuck` is a kind of step, the job is postponed under that kind
        instead.
        """
        context = self._context
        handle = functools.partial(self._stuck, stuck) if isinstance(stuck, Step) else stuck

        async def named_step(job: str) -> bool | None:
            await context.pending_answers.gap(STEP_WAITS_S)
            # The ids are kept for the rest of the task, which takes only this step, so an error in the step is logged
            # with them.
            await context.job_log.name(job)
            with context.tracer.span(f"job {name}"):
                return await step(job)

        async def read(most: int) -> Sequence[Due]:
            return await context.database.read(lambda: select(most))

        worker = Worker(
            name,
            due=read,
            step=named_step,
            stuck=handle,
            wakeup=wakeup,
            clock=context.clock,
            width=context.limits.width,
            drain_s=context.limits.drain_s,
        )
        return Loop(name, worker, context.clock, duty=duty)

    async def _stuck(self, kind: Step, job: str, error: Exception) -> None:
        """Postpone a job whose step raised, and end the job if it keeps raising."""
        context = self._context
        context.troubles.note(error)
        now_ms, jitter = context.clock.now_ms(), random.random()
        tries = await context.database.run(of_job(job, lambda: pause_rows.postpone(job, kind, now_ms, jitter=jitter)))
        if tries < (STORAGE_TRIES if isinstance(error, StorageError) else STUCK_TRIES):
            return
        log.error("job %s is given up after %s tries: %r", job, tries, error)
        state = await context.database.run(of_job(job, lambda: transitions.give_up(job, job, now_ms)))
        context.wakeups.after(state)
        context.wakeups.cancel.set()  # its runs may still be running at the provider
