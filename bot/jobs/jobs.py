"""The interface of the jobs package: offers, accepted jobs, and the loops that see every job through to its end."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from bot.catalogue.order import Order
from bot.catalogue.plan import Plan
from bot.clock import end
from bot.errors import NotAllowed
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.dependencies import JobsDependencies
from bot.jobs.draining import InFlight
from bot.jobs.durations import Range, Usual
from bot.jobs.engine import notify
from bot.jobs.engine.build import build_loops
from bot.jobs.engine.card_check import CardCheck
from bot.jobs.engine.card_repair import CardRepair
from bot.jobs.engine.card_updates import CardUpdates
from bot.jobs.engine.context import engine_context
from bot.jobs.engine.delivery_figures import DeliveryFigures
from bot.jobs.engine.guild_removals import GuildRemovals
from bot.jobs.engine.loops import Loop, LoopHealth
from bot.jobs.engine.notice_handlers import NoticeHandlers
from bot.jobs.engine.preparation import Preparation
from bot.jobs.engine.queue_cards import QueueCards
from bot.jobs.engine.wakeups import CARD
from bot.jobs.engine.webhook_trust import WebhookTrust
from bot.jobs.files.banned_pictures import BannedPictures
from bot.jobs.files.provider_links import ProviderLinks
from bot.jobs.intake.intake import Intake
from bot.jobs.intake.offer import Offer
from bot.jobs.limits import Slots
from bot.jobs.money import transitions
from bot.jobs.money.transitions import CancelOutcome
from bot.jobs.ports import Messenger
from bot.jobs.recipe import Recipe, recipe
from bot.jobs.records import Deleter, JobMessages, NotifyChoice, Origin, Receipt, Rung, Snapshot, State
from bot.jobs.store import (
    due_jobs,
    duration_rows,
    favourite_rows,
    file_rows,
    job_rows,
    loss_rows,
    posted_message_rows,
    result_message_rows,
)
from bot.jobs.store.duration_cache import DurationCache
from bot.jobs.store.duration_rows import Kind
from bot.jobs.store.job_lists import JobLists
from bot.jobs.store.job_locks import of_job
from bot.jobs.store.loss_rows import Loss
from bot.jobs.store.snapshots import Snapshots
from bot.log_context import now_logged
from bot.policy.policy_records import Verdict
from bot.processes.notices import CARDS, RUN
from bot.provider.wire import ProviderPrediction
from bot.troubles import Part

CANCELLED_S = 1.0
"""How long steps that were cancelled by a shutdown may take to end."""


class Cancelled(StrEnum):
    """The result of asking for a job to be cancelled."""

    BEFORE_SUBMIT = "before_submit"
    """Nothing ran; the hold is released."""
    ASKED = "asked"
    """The provider is asked to stop; results that were ready before are delivered and paid for."""
    TOO_LATE = "too_late"
    """The job had ended, or its results were already being fetched."""


class Jobs:
    """Accepts orders and carries every accepted job to its end, across any number of restarts."""

    def __init__(self, dependencies: JobsDependencies) -> None:
        self._database = dependencies.database
        self._clock = dependencies.clock
        self._limits = dependencies.limits
        self._checkpoints = dependencies.checkpoints
        self._secrets = dependencies.secrets
        self._durations = DurationCache(dependencies.database, dependencies.clock)
        self._snapshots = Snapshots(
            dependencies.database, dependencies.secret_key, dependencies.clock, dependencies.limits.slots
        )
        self.drain = dependencies.drain
        self.lists = JobLists(dependencies.database, self._snapshots)
        self._provider_links = ProviderLinks(
            dependencies.database,
            snapshots=self._snapshots,
            artefacts=dependencies.artefacts,
            media=dependencies.media,
            discord_clock=dependencies.discord_clock,
            own=dependencies.links,
        )
        self._troubles = dependencies.troubles
        self._intake = Intake(dependencies, self._snapshots, self._provider_links)
        self._context = engine_context(dependencies, self._snapshots)
        self._wakeups = self._context.wakeups
        self._banned = BannedPictures(dependencies.database, dependencies.artefacts, dependencies.media)
        self._cards = CardCheck(self._context)
        self._card_repair = CardRepair(self._context)
        self._queue_cards = QueueCards(self._context)
        self._guild_removals = GuildRemovals(self._context)
        self._card_updates: CardUpdates | None = None
        self._preparation = Preparation(self._context)
        self._runs_loops = dependencies.runs_loops
        self._loops: list[Loop] = []
        self._awaiting_duty: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Bring all stored times up to date, which takes seconds if very many jobs have not ended.

        `start` does this too, but it may be done earlier, as long as Discord is not connected yet.
        """
        await self._preparation.prepare()

    async def start(self, messenger: Messenger) -> None:
        """Resume every job that has not ended, and keep going until `stop`."""
        # Before the loops start, so that their first round finds all unfinished jobs.
        await self._preparation.prepare_again()
        self._card_updates = CardUpdates(self._context, messenger)
        NoticeHandlers(self._context, self._card_repair)
        loops = build_loops(
            self._context,
            messenger,
            card_updates=self._card_updates,
            card_check=self._cards,
            card_repair=self._card_repair,
            queue_cards=self._queue_cards,
            links=self._provider_links,
            secrets=self._secrets,
        )
        process = self._context.process
        self._run([loop for loop in loops if process.is_on_duty or not loop.duty])
        if not process.is_on_duty:
            self._awaiting_duty = asyncio.create_task(self._run_on_duty([loop for loop in loops if loop.duty]))

    def _run(self, loops: Sequence[Loop]) -> None:
        self._loops += loops
        for loop in loops:
            loop.start()

    async def _run_on_duty(self, loops: Sequence[Loop]) -> None:
        await self._context.process.on_duty()
        self._run(loops)

    def told(self, run: ProviderPrediction) -> None:
        """Read a run at once, because the provider reports by webhook that it has ended.

        That is only a hint: only what the read shows counts. Nothing happens if the run is unknown, or has not ended.
        """
        self._context.webhook_trust.arrived()
        if run.status.ended:
            self._context.told.append(run.id)
            self._context.notices.tell(RUN, run.id)
            self._wakeups.poll.set()

    @property
    def webhook_trust(self) -> WebhookTrust:
        """The observations about webhooks."""
        return self._context.webhook_trust

    @property
    def stop_s(self) -> float:
        """The longest time, in seconds, that `stop` takes."""
        return self._limits.drain_s + CANCELLED_S

    async def stop(self) -> None:
        """Stop within seconds. Steps in progress get a moment to finish; everything else resumes at the next start."""
        if self._awaiting_duty is not None:
            await end([self._awaiting_duty])
        await asyncio.gather(*(loop.stop() for loop in self._loops))

    @property
    def deliveries(self) -> DeliveryFigures:
        """How results have reached their members since this process started."""
        return self._context.deliveries

    def health(self) -> Mapping[str, LoopHealth]:
        """Return the health of each loop, by its name."""
        return {loop.name: loop.health for loop in self._loops}

    async def offer(self, order: Order, origin: Origin) -> Offer:
        """Make an offer for an order, without holding any credits. Raises Refused."""
        with self._context.tracer.span("offer"):
            offer = await self._intake.offer(order, origin)
        # The bot now has every permission that it needs in this channel, so cards that it could not edit can be
        # corrected.
        self._may_work(origin.guild, origin.channel)
        return offer

    async def verdict(self, order: Order, origin: Origin) -> Verdict:
        """Judge an order as `offer` does, but without examining it; without a price, its options are disregarded."""
        return await self._intake.verdict(order, origin)

    async def accept(self, offer: Offer) -> Snapshot:
        """Accept an offer: hold its price and write its job, in one transaction.

        Everything that may have changed since the offer is checked again there. Raises Refused (InsufficientCredit
        included), and then nothing is held. An order that has already become a job gets the same job again.
        """
        with self._context.tracer.span("accept order"):
            snapshot, is_new = await self._intake.accept(offer)
            now_logged(job=snapshot.job.id)
        self._context.job_log.learn(snapshot.job)
        if is_new:
            if self._runs_loops:
                self._queue_cards.drawn(snapshot)
                self._context.fresh_jobs.learn(snapshot.job)
            self._troubles.worked(Part.STORAGE, Part.INTERNAL)
            await self._checkpoints.reached(Checkpoint.HELD, snapshot.job.id)
            self._wakeups.cards.look_within(self._limits.card_check_s)
        return snapshot

    async def usual(self, order: Order, plan: Plan) -> Usual | None:
        """Return how long such an order usually takes; None if too few similar ones are known."""
        return await self._database.read(lambda: duration_rows.usual(Kind.of(order, plan)))

    async def slots(self, guild: int, member: int) -> Slots:
        """Return how many jobs of a member and of their guild are running, and how many may run at a time."""
        guilds, members = await self._database.read(lambda: due_jobs.running(guild, member))
        return Slots(members, self._limits.running_per_member, guilds, self._limits.running_per_guild)

    async def usual_of_models(self) -> Mapping[str, Range]:
        """Return how long each model usually takes, from submission to the end, if enough runs are known."""
        return await self._durations.by_model()

    async def card_accepted(self, job_id: str, message: int) -> None:
        """Record that Discord accepted the job's card as this message, so that the job may be submitted."""
        await self._cards.taken(job_id, message)

    async def card_refused(self, job_id: str) -> None:
        """Release the hold of a job whose card Discord certainly refused."""
        await self._cards.refused(job_id)

    async def card_unclear(self, job_id: str) -> None:
        """Check soon whether Discord accepted a job's card, because its answer was lost."""
        await self._cards.unclear(job_id)

    def permissions_changed(self, guild: int) -> None:
        """Try again soon to edit the cards of this guild that could not be edited."""
        self._may_work(guild)

    def _may_work(self, guild: int, channel: int | None = None) -> None:
        self._card_repair.may_work(guild, channel)
        self._context.notices.tell(CARDS, f"{guild} {channel or 0}")

    async def cancel(self, job_id: str, *, by: int, moderator: bool = False, card: int = 0) -> Cancelled:
        """Cancel a job. Raises NotFound, and NotAllowed if it is another member's and `by` is not a moderator.

        `card` is the id of the job's card if the button on it was pressed, otherwise 0.
        """
        now_logged(job=job_id)
        snapshot = await self._snapshots.get(job_id)
        if by != snapshot.job.member and not moderator:
            raise NotAllowed(rule="not-yours")
        now_ms = self._clock.now_ms()
        outcome = await self._database.run(of_job(job_id, lambda: transitions.cancel(job_id, now_ms, by=by, card=card)))
        if outcome is CancelOutcome.ENDED:
            self._wakeups.after(State.CANCELLED)
            await self._checkpoints.reached(Checkpoint.RELEASED, job_id)
            return Cancelled.BEFORE_SUBMIT
        if outcome is CancelOutcome.TOO_LATE:
            self._wakeups.deliver.set()  # the job's end may now have to be shown on this card
            return Cancelled.TOO_LATE
        await self._checkpoints.reached(Checkpoint.CANCEL_ASKED, job_id)
        self._wakeups.cancel.set()
        self._wakeups.after(State.COLLECTING)  # if all other runs had ended, the job moved there and freed a slot
        return Cancelled.ASKED

    async def guild_left(self, guild: int) -> None:
        """End the jobs of a guild that has removed the bot. No more runs are created for it."""
        await self._guild_removals.left(guild)

    def guild_joined(self, guild: int) -> None:
        """Let a guild place orders again, because the bot is back in it."""
        self._guild_removals.joined(guild)

    async def guilds_with_open_jobs(self) -> frozenset[int]:
        """Return the guilds that have unfinished jobs that can still be cancelled."""
        return await self._database.read(job_rows.guilds_with_open_jobs)

    async def toggle_notification(self, job_id: str, at_ms: int) -> NotifyChoice:
        """Turn the direct message at a job's end on or off; `at_ms` is when the button was pressed."""
        choice = await self._database.run(of_job(job_id, lambda: notify.toggle(job_id, at_ms)))
        if choice is not NotifyChoice.TOO_LATE:  # the card says how its member will be told
            await self._card_changed(job_id)
        return choice

    async def _card_changed(self, job_id: str) -> None:
        if self._card_updates is not None:
            await self._card_updates.show(job_id)
        elif not self._runs_loops:
            self._wakeups.tell(CARD, job_id)

    async def get(self, job_id: str) -> Snapshot:
        """Return the current state of one job. Raises NotFound."""
        return await self._snapshots.get(job_id)

    async def of_ids(self, jobs: Collection[str]) -> Mapping[str, Snapshot]:
        """Return the jobs among these that exist and can be read, by id."""
        return {one.job.id: one for one in await self._snapshots.of_ids(jobs)}

    async def find(self, guild: int, short_id: str) -> Snapshot:
        """Return the job with this short id. Raises NotFound."""
        return await self._snapshots.find(guild, short_id)

    async def of_message(self, guild: int, message: int) -> Snapshot | None:
        """Return the job that a message shows; None if it does not show one."""
        return await self._snapshots.of_message(guild, message)

    async def recipe(self, snapshot: Snapshot) -> Recipe:
        """Return everything that is needed to make a job's result again."""
        inputs = await self._database.read(lambda: file_rows.inputs_of(snapshot.job.id))
        return recipe(snapshot, inputs)

    async def of_member(
        self, guild: int, member: int, *, states: Collection[State] | None = None, limit: int = 10
    ) -> tuple[Snapshot, ...]:
        """Return a member's jobs, newest first, in all states unless some are given."""
        return await self._snapshots.of_member(guild, member, frozenset(State) if states is None else states, limit)

    async def mark(self, job_id: str, member: int, *, marked: bool) -> None:
        """Add a job to a member's favourites, or remove it. Repeating that changes nothing."""
        now_ms = self._clock.now_ms()
        await self._database.run(
            lambda: favourite_rows.mark(job_id, member, now_ms) if marked else favourite_rows.unmark(job_id, member)
        )

    async def removed(self, job_id: str, *, by: int) -> None:
        """Record that the message of a job's result was deleted by its member or by a moderator."""
        now_ms = self._clock.now_ms()
        await self._database.run(of_job(job_id, lambda: job_rows.remove(job_id, by, now_ms)))

    async def posted(self, job_id: str, channel: int, message: int) -> None:
        """Record another message that shows a job's result."""
        await self._database.run(of_job(job_id, lambda: posted_message_rows.add(job_id, channel, message)))

    async def looks_banned(self, snapshot: Snapshot) -> bool:
        """Return whether a result looks like one that its guild's moderators took down."""
        for artefact in snapshot.artefacts:
            subject = f"{artefact.job}/{artefact.number}"
            if await self._banned.has_stored(snapshot.job.guild, artefact.path, subject):
                return True
        return False

    def changed_by_moderators(self) -> None:
        """Continue jobs that a moderator's action has changed."""
        self._wakeups.all()

    async def decided(self, job_id: str) -> None:
        """Continue a job that a moderator has decided on."""
        await self._checkpoints.reached(Checkpoint.DECIDED, job_id)
        self._wakeups.all()

    async def is_marked(self, job_id: str, member: int) -> bool:
        """Return whether a job is one of a member's favourites."""
        return await self._database.read(lambda: favourite_rows.is_marked(job_id, member))

    async def marked(self, jobs: Collection[str], member: int) -> frozenset[str]:
        """Return the jobs among these that are a member's favourites."""
        return await self._database.read(lambda: favourite_rows.marked(jobs, member))

    async def undelivered(self, guild: int, member: int, *, limit: int = 10) -> tuple[Snapshot, ...]:
        """Return a member's paid results that could not be shown yet."""
        found = await self._snapshots.of_member(guild, member, {State.UNDELIVERED}, limit)
        # Without files there is nothing left to show: retention has removed them.
        return tuple(snapshot for snapshot in found if snapshot.artefacts)

    async def shown(self, job_id: str, receipt: Receipt) -> None:
        """Record that an undelivered result was shown after all."""
        now_ms = self._clock.now_ms()
        await self._database.run(of_job(job_id, lambda: transitions.shown(job_id, receipt, now_ms)))

    async def messages(self, jobs: Collection[str]) -> Mapping[str, JobMessages]:
        """Return where each of these jobs was shown, and which of its messages are gone."""
        return await self._database.read(lambda: result_message_rows.of_jobs(jobs))

    async def posted_again(self, snapshot: Snapshot, channel: int, message: int) -> None:
        """Record that a result was posted in a channel, for the first time or again."""
        if snapshot.job.state is State.UNDELIVERED:
            await self.shown(snapshot.job.id, Receipt(Rung.NEW_MESSAGE, channel, message))
        else:
            await self._database.run(
                of_job(snapshot.job.id, lambda: result_message_rows.posted_again(snapshot.job.id, channel, message))
            )

    async def message_deleted(self, job_id: str, message: int, deleter: Deleter) -> None:
        """Record that a message with a result is gone, or is about to be deleted."""
        now_ms = self._clock.now_ms()
        await self._database.run(of_job(job_id, lambda: result_message_rows.deleted(job_id, message, deleter, now_ms)))

    async def in_progress(self) -> Mapping[State, int]:
        """Return the number of jobs in each state that is not terminal."""
        return await self._database.read(due_jobs.in_progress)

    async def in_flight(self) -> InFlight:
        """Return how many jobs continue on their own, and how many are waiting for a moderator."""
        # This runs after all writes that were requested before, such as the acceptance of an order just before a drain.
        return await self._database.run(due_jobs.in_flight)

    async def backlogs(self) -> Mapping[str, due_jobs.Backlog]:
        """Return the jobs that have not ended, by state; those waiting for a moderator are under `approval`."""
        return await self._database.read(due_jobs.backlogs)

    async def losses(self) -> tuple[Loss, ...]:
        """Return the losses by reason: what the provider may have charged the operator and no member paid for."""
        return await self._database.read(loss_rows.by_reason)
