"""Jobs: the one door to orders and their lives, and the owner of the loops that bring them to an end."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from enum import StrEnum

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order
from bot.catalogue.plan import Plan
from bot.clock import Clock, ServerClock
from bot.errors import NotAllowed
from bot.jobs.checkpoints import Checkpoint, Checkpoints, NoCheckpoints
from bot.jobs.durations import Range, Usual
from bot.jobs.engine import notify
from bot.jobs.engine.adopt import Adopter
from bot.jobs.engine.cancel import Canceller
from bot.jobs.engine.card_check import CardCheck
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.collect import Collector
from bot.jobs.engine.deliver import Deliverer
from bot.jobs.engine.loops import Loop, LoopHealth, Worker
from bot.jobs.engine.notify import Notifier, NotifyChoice
from bot.jobs.engine.outcome import Outcomes
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.retention import Retention
from bot.jobs.engine.submit import Submitter
from bot.jobs.engine.wakeups import WakeUps
from bot.jobs.files.input_files import InputFiles
from bot.jobs.files.provider_links import ProviderLinks
from bot.jobs.intake.intake import Intake
from bot.jobs.limits import JobLimits, Slots
from bot.jobs.money import transitions
from bot.jobs.money.transitions import Wish
from bot.jobs.ports import Messenger, Provider
from bot.jobs.recipe import Recipe, recipe
from bot.jobs.records import Origin, Receipt, Snapshot, State
from bot.jobs.store import due, duration_rows, favourite_rows, file_rows, job_rows, loss_rows, notification_rows
from bot.jobs.store.due import Due
from bot.jobs.store.duration_rows import Kind
from bot.jobs.store.loss_rows import Loss
from bot.jobs.store.snapshots import Snapshots
from bot.jobs.store.typical_times import LearnedTimes
from bot.policy.policy import Policy
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database, Operation
from bot.storage.seal import Seal
from bot.storage.signed_links import SignedLinks

log = logging.getLogger(__name__)

STUCK_TRIES = 8
"""So often in a row may a step fail by a fault of ours before its job is ended."""


class Cancelled(StrEnum):
    """What became of a wish to cancel."""

    BEFORE_SUBMIT = "before_submit"
    """Nothing ran; the hold is released."""
    ASKED = "asked"
    """The provider is asked to stop; what was ready before is delivered and paid."""
    TOO_LATE = "too_late"
    """The job had ended, or its results were already being fetched."""


class Jobs:
    """Accepts orders and brings every accepted job to its end, across any number of restarts."""

    def __init__(
        self,
        database: Database,
        *,
        catalogue: Catalogue,
        policy: Policy,
        provider: Provider,
        artefacts: ArtefactStore,
        clock: Clock,
        discord_clock: ServerClock,
        provider_clock: ServerClock,
        seal: Seal,
        links: SignedLinks | None = None,
        limits: JobLimits,
        secrets: Mapping[str, str] | None = None,
        steps: Checkpoints | None = None,
    ) -> None:
        """`links` makes links to our own store, where the world can reach us.

        `secrets` fill the inputs that hold a key of the operator's (`openai_api_key`).
        """
        self._database = database
        self._catalogue = catalogue
        self._provider = provider
        self._artefacts = artefacts
        self._clock = clock
        self._built_ms = clock.now_ms()
        self._discord_clock = discord_clock
        self._provider_clock = provider_clock
        self._limits = limits
        self._secrets = secrets or {}
        self._steps: Checkpoints = steps or NoCheckpoints()
        self._bells = WakeUps()
        self._learned = LearnedTimes(database, clock)
        self._loops: list[Loop] = []
        self._snapshots = Snapshots(database, seal)
        self._linker = ProviderLinks(
            database, snapshots=self._snapshots, artefacts=artefacts, discord_clock=discord_clock, own=links
        )
        self._intake = Intake(
            database,
            catalogue=catalogue,
            policy=policy,
            clock=clock,
            discord_clock=discord_clock,
            seal=seal,
            linker=self._linker,
            limits=self._limits,
        )
        self._cards = CardCheck(
            database,
            snapshots=self._snapshots,
            bells=self._bells,
            clock=clock,
            discord_clock=discord_clock,
            limits=self._limits,
            steps=self._steps,
        )

    async def start(self, messenger: Messenger) -> None:
        """Take up every job that has not ended, and keep going until `stop`."""
        await self._database.run(lambda: job_rows.all_due(self._built_ms))
        self._loops = self._build(messenger)
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """Stop within seconds. What is under way gets a moment to end; everything else resumes at the next start."""
        await asyncio.gather(*(loop.stop() for loop in self._loops))

    def health(self) -> Mapping[str, LoopHealth]:
        """How each loop is doing, by its name."""
        return {loop.name: loop.health for loop in self._loops}

    async def accept(self, order: Order, origin: Origin) -> Snapshot:
        """Decide about an order and hold its price. Raises Refused, and then nothing is held.

        An interaction that has already made a job gets the same job again.
        """
        job, new = await self._intake.accept(order, origin)
        if new:
            await self._steps.reached(Checkpoint.HELD, job)
            self._bells.cards.set()
        return await self._snapshots.get(job)

    async def examine(self, order: Order, origin: Origin) -> Plan:
        """Decide about an order without accepting it; returns what it would become. Raises Refused."""
        return await self._intake.examine(order, origin)

    async def usual(self, order: Order, plan: Plan) -> Usual | None:
        """How long such an order usually takes; None where too few like it are known."""
        return await self._database.read(lambda: duration_rows.usual(Kind.of(order, plan)))

    async def slots(self, guild: int, member: int) -> Slots:
        """How many jobs run of those that may at a time."""
        guilds, members = await self._database.read(lambda: due.running(guild, member))
        return Slots(members, self._limits.running_per_member, guilds, self._limits.running_per_guild)

    async def usual_of_models(self) -> Mapping[str, Range]:
        """How long each model usually takes, from submission to its end; those that are little known are left out."""
        return await self._learned.by_model()

    async def taken(self, job_id: str, message: int) -> None:
        """Discord took the job's card, as this message: it may be submitted."""
        await self._cards.taken(job_id, message)

    async def not_taken(self, job_id: str) -> None:
        """Discord surely refused the card: the hold is released."""
        await self._cards.refused(job_id)

    async def unclear(self, job_id: str) -> None:
        """It is not known whether Discord took the card: find out."""
        await self._cards.unclear(job_id)

    async def cancel(self, job_id: str, *, by: int, moderator: bool = False) -> Cancelled:
        """Cancel a job. Raises NotFound, and NotAllowed where it is another member's and `by` is no moderator."""
        snapshot = await self._snapshots.get(job_id)
        if by != snapshot.job.member and not moderator:
            raise NotAllowed(rule="not-yours")
        now_ms = self._clock.now_ms()
        wish = await self._database.run(lambda: transitions.cancel(job_id, now_ms))
        if wish is Wish.ENDED:
            self._bells.after(State.CANCELLED)
            await self._steps.reached(Checkpoint.RELEASED, job_id)
            return Cancelled.BEFORE_SUBMIT
        if wish is Wish.TOO_LATE:
            return Cancelled.TOO_LATE
        await self._steps.reached(Checkpoint.CANCEL_ASKED, job_id)
        self._bells.cancel.set()
        self._bells.collect.set()  # where the rest of its runs had already ended
        return Cancelled.ASKED

    async def toggle_notification(self, job_id: str, at_ms: int) -> NotifyChoice:
        """Ask for a direct message to a job's member when it ends, or take that back; pressed at `at_ms`."""
        return await self._database.run(lambda: notify.toggle(job_id, at_ms))

    async def get(self, job_id: str) -> Snapshot:
        """One job as it stands. Raises NotFound."""
        return await self._snapshots.get(job_id)

    async def find(self, guild: int, short_id: str) -> Snapshot:
        """The job that somebody read out or typed. Raises NotFound."""
        return await self._snapshots.find(guild, short_id)

    async def of_message(self, guild: int, message: int) -> Snapshot | None:
        """The job that a message shows; None where it shows none of ours."""
        return await self._snapshots.of_message(guild, message)

    async def recipe(self, snapshot: Snapshot) -> Recipe:
        """Everything that is needed to make a job's result again."""
        inputs = await self._database.read(lambda: file_rows.inputs_of(snapshot.job.id))
        return recipe(snapshot, inputs)

    async def of_member(
        self, guild: int, member: int, *, states: Collection[State] | None = None, limit: int = 10
    ) -> tuple[Snapshot, ...]:
        """A member's jobs, newest first; all states where none are named."""
        return await self._snapshots.of_member(guild, member, frozenset(State) if states is None else states, limit)

    async def mark(self, job_id: str, member: int, *, marked: bool) -> None:
        """Make a job one of a member's favourites, or take it away. Doing it again changes nothing."""
        now_ms = self._clock.now_ms()
        await self._database.run(
            lambda: favourite_rows.mark(job_id, member, now_ms) if marked else favourite_rows.unmark(job_id, member)
        )

    async def is_marked(self, job_id: str, member: int) -> bool:
        """Whether a job is one of a member's favourites."""
        return await self._database.read(lambda: favourite_rows.is_marked(job_id, member))

    async def favourites(self, guild: int, member: int, *, limit: int = 10) -> tuple[Snapshot, ...]:
        """The jobs that a member marked, theirs and others', newest first."""
        return await self._snapshots.favourites(guild, member, limit)

    async def undelivered(self, guild: int, member: int, *, limit: int = 10) -> tuple[Snapshot, ...]:
        """A member's results that are paid and kept because no way of showing them worked."""
        found = await self._snapshots.of_member(guild, member, {State.UNDELIVERED}, limit)
        return tuple(snapshot for snapshot in found if snapshot.artefacts)

    async def shown(self, job_id: str, receipt: Receipt) -> None:
        """A kept result was shown after all."""
        now_ms = self._clock.now_ms()
        await self._database.run(lambda: transitions.shown(job_id, receipt, now_ms))

    async def on_their_way(self) -> Mapping[State, int]:
        """How many jobs stand in each state that is not an end."""
        return await self._database.read(due.on_their_way)

    async def losses(self) -> tuple[Loss, ...]:
        """What the provider may have charged the operator for without a member paying, by reason."""
        return await self._database.read(loss_rows.by_reason)

    def _build(self, messenger: Messenger) -> list[Loop]:
        bells, limits = self._bells, self._limits
        watch = CardUpdates(self._snapshots, messenger)
        outcomes = Outcomes(
            self._database,
            watch=watch,
            bells=bells,
            clock=self._clock,
            provider_clock=self._provider_clock,
            steps=self._steps,
        )
        poller = Poller(
            self._database,
            provider=self._provider,
            outcomes=outcomes,
            bells=bells,
            clock=self._clock,
            provider_clock=self._provider_clock,
            limits=limits,
        )
        submitter = self._submitter(poller, outcomes, watch, messenger)
        canceller = Canceller(self._database, provider=self._provider, outcomes=outcomes, clock=self._clock)
        collector = Collector(
            self._database,
            snapshots=self._snapshots,
            catalogue=self._catalogue,
            provider=self._provider,
            artefacts=self._artefacts,
            bells=bells,
            clock=self._clock,
            limits=limits,
            steps=self._steps,
        )
        slots = (limits.running_per_guild, limits.running_per_member)
        return [
            self._worker("cards", bells.cards, due.unclear_cards, lambda job: self._cards.look(job, messenger)),
            self._worker("submit", bells.submit, lambda most: due.to_submit(most, *slots), submitter.step),
            Loop("poll", poller, self._clock),
            self._worker("cancel", bells.cancel, due.to_cancel, canceller.step),
            self._worker("collect", bells.collect, due.to_collect, collector.step),
            *self._tellers(messenger),
            self._worker("deadlines", bells.deadlines, due.to_expire, submitter.expire),
            Loop("retention", self._retention(), self._clock),
        ]

    def _tellers(self, messenger: Messenger) -> list[Loop]:
        """The loops that show how jobs ended, and tell of it."""
        bells = self._bells
        deliverer = Deliverer(
            self._database,
            snapshots=self._snapshots,
            messenger=messenger,
            bells=bells,
            clock=self._clock,
            discord_clock=self._discord_clock,
            steps=self._steps,
        )
        notifier = Notifier(
            self._database, snapshots=self._snapshots, messenger=messenger, clock=self._clock, steps=self._steps
        )
        return [
            self._worker("deliver", bells.deliver, due.to_show, deliverer.step),
            self._worker("notify", bells.notify, notification_rows.due, notifier.step, notifier.stuck),
        ]

    def _retention(self) -> Retention:
        return Retention(self._database, artefacts=self._artefacts, clock=self._clock, keep_days=self._limits.keep_days)

    def _submitter(self, poller: Poller, outcomes: Outcomes, watch: CardUpdates, messenger: Messenger) -> Submitter:
        return Submitter(
            self._database,
            snapshots=self._snapshots,
            provider=self._provider,
            inputs=InputFiles(
                self._database,
                catalogue=self._catalogue,
                provider=self._provider,
                artefacts=self._artefacts,
                linker=self._linker,
                messenger=messenger,
                limits=self._limits,
            ),
            adopter=Adopter(
                self._database, provider=self._provider, poller=poller, outcomes=outcomes, clock=self._clock
            ),
            poller=poller,
            outcomes=outcomes,
            watch=watch,
            bells=self._bells,
            clock=self._clock,
            provider_clock=self._provider_clock,
            limits=self._limits,
            steps=self._steps,
            secrets=self._secrets,
        )

    def _worker(
        self,
        name: str,
        bell: asyncio.Event,
        select: Callable[[int], Operation[list[Due]]],
        step: Callable[[str], Awaitable[None]],
        stuck: Callable[[str, Exception], Awaitable[None]] | None = None,
    ) -> Loop:
        async def read(most: int) -> Sequence[Due]:
            return await self._database.read(lambda: select(most))

        worker = Worker(
            name,
            due=read,
            step=step,
            stuck=stuck or self._stuck,
            bell=bell,
            clock=self._clock,
            width=self._limits.width,
            drain_s=self._limits.drain_s,
        )
        return Loop(name, worker, self._clock)

    async def _stuck(self, job: str, error: Exception) -> None:
        """A step failed by a fault of ours: try again later, and end the job when that never helps."""
        now_ms, jitter = self._clock.now_ms(), random.random()
        tries = await self._database.run(lambda: job_rows.postpone(job, now_ms, jitter=jitter))
        if tries < STUCK_TRIES:
            return
        log.error("job %s is given up after %s tries: %r", job, tries, error)
        state = await self._database.run(lambda: transitions.give_up(job, job, now_ms))
        self._bells.after(state)
