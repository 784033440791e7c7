"""Turns an order into an offer, and an offer into an accepted job.

Making an offer needs a few local reads and accepting it needs one local commit, so both fit into Discord's 3 seconds.
If possible, an order is refused when the offer is made. The transaction that accepts the offer checks everything that
may have changed since.
"""

import asyncio
import logging

from bot.catalogue.order import FileRole, InputFile, Order, texts_of
from bot.catalogue.plan import Plan
from bot.catalogue.refusals import unusable
from bot.errors import Fact, PromptRefused, Refused, RunFailed, StorageError
from bot.funding import budget_notices
from bot.funding.payers import payer_in
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.jobs.dependencies import JobsDependencies
from bot.jobs.files.input_files import places
from bot.jobs.files.provider_links import ProviderLinks
from bot.jobs.ids import long_id, short_ids
from bot.jobs.intake.offer import Offer
from bot.jobs.money import conditions, transitions
from bot.jobs.records import Origin, Snapshot
from bot.jobs.store.job_locks import in_order
from bot.jobs.store.job_rows import NewJob
from bot.jobs.store.snapshots import Snapshots
from bot.jobs.waits import WaitReason
from bot.media.media_info import SIDE_MAX, Caps
from bot.policy.admission import Admission
from bot.policy.judge import judge, judge_use, verdict_while_draining
from bot.policy.policy_records import PERIODS, Limit, PolicyRequest, Verdict
from bot.storage.operation import Operation

MASK_S = 5.0
"""How long a mask may take to arrive, while its member is waiting for an answer."""

SHORT_IDS_TRIED = 8
"""A clash within one guild is rare (30^6 ids), so if all of these are taken, something is broken."""


log = logging.getLogger(__name__)


class Intake:
    """Makes offers for orders, and accepts offers."""

    def __init__(self, dependencies: JobsDependencies, snapshots: Snapshots, links: ProviderLinks) -> None:
        self._database = dependencies.database
        self._catalogue = dependencies.catalogue
        self._policy = dependencies.policy
        self._guilds = dependencies.guilds
        self._clock = dependencies.clock
        self._secret_key = dependencies.secret_key
        self._limits = dependencies.limits
        self._provider = dependencies.provider
        self._artefacts = dependencies.artefacts
        self._media = dependencies.media
        self._snapshots = snapshots
        self._links = links
        self._log_wakeup = dependencies.log_wakeup
        self._drain = dependencies.drain

    async def offer(self, order: Order, origin: Origin) -> Offer:
        """Make an offer for an order, without holding any credits. Raises Refused.

        The interaction's age is not checked: Discord decides whether it can still be answered, not a comparison of two
        clocks. If Discord refuses the card, the hold is released again (`Jobs.card_refused`).
        """
        self._drain.require_off()
        await self._require(order, origin)
        for file in order.files:
            self._check_file(file)
        plan = self._catalogue.plan(order)
        admission, verdict = await self._judged(order, origin, plan.quote.milli_credits)
        if isinstance(verdict.refusal, PromptRefused):
            await self._log_prompt(order, origin, verdict.refusal)
        step = verdict.first_refusing
        if step is not None and isinstance(step.by, Limit):
            await self._log_budget(admission, step.by)
        if verdict.refusal is not None:
            raise verdict.refusal
        await self._check_sources(order, plan)
        for file in order.files:
            if file.role is FileRole.MASK and not file.artefact and not file.alpha_of:
                await self._check_mask(file)
        payer = payer_in(await self._guilds.settings(origin.guild), origin.member)
        return Offer(order, origin, plan, admission, verdict, payer)

    async def _log_prompt(self, order: Order, origin: Origin, refusal: PromptRefused) -> None:
        """Show a refused prompt to the moderators: nobody else sees what was typed."""
        facts: dict[str, Fact] = {
            "member": str(origin.member),
            "channel": str(origin.channel),
            "rule": refusal.facts["name"],
            "source": refusal.facts["source"],
            "prompt": "\n".join(texts_of(order)),
        }
        key, at_ms = str(origin.order_key), self._clock.now_ms()
        await self._database.run(
            lambda: log_entries.write_once(origin.guild, LogKind.PROMPT_REFUSED, key, facts, at_ms)
        )
        self._log_wakeup.set()

    async def _log_budget(self, admission: Admission, limit: Limit) -> None:
        """Tell the moderators once if a budget is so nearly used up that it refuses orders."""
        if limit.shared and limit.kind in PERIODS:
            at_ms = self._clock.now_ms()
            await self._database.run(lambda: budget_notices.write_refused(admission, limit, at_ms))
            self._log_wakeup.set()

    async def verdict(self, order: Order, origin: Origin) -> Verdict:
        """Judge an order without examining it: at its price, or without regard to its options if it has no price."""
        try:
            price_mcr = self._catalogue.plan(order).quote.milli_credits
        except Refused:
            price_mcr = None
        _, verdict = await self._judged(order, origin, price_mcr)
        return verdict_while_draining(verdict) if self._drain.on else verdict

    async def _require(self, order: Order, origin: Origin) -> None:
        """Refuse an order that would be refused whatever its options, before they are examined."""
        request = PolicyRequest(origin.asker, order.model, order.task)  # the texts are checked later, with the price
        admission = await self._policy.examine(request)
        for step in judge_use(admission.asked, admission.policy):
            if step.refusal is not None:
                raise step.refusal

    async def _judged(self, order: Order, origin: Origin, price_mcr: int | None) -> tuple[Admission, Verdict]:
        request = PolicyRequest(origin.asker, order.model, order.task, texts_of(order))
        admission = await self._policy.examine(request, price_mcr)
        usage = await self._policy.usage(admission) if admission.policy.needs_usage else None
        return admission, judge(admission.asked, admission.policy, usage)

    async def _check_mask(self, file: InputFile) -> None:
        """Refuse a mask that selects nothing before any credits are held: it is a common mistake, and masks are small.

        If it cannot be read now, it is checked when it is copied, as the other files are.
        """
        try:
            with self._artefacts.temporary(needed_bytes=max(0, file.size)) as path:
                async with asyncio.timeout(MASK_S):
                    await self._provider.download(file.url, path, max_bytes=self._limits.input_max_bytes)
                if not await self._media.marks_something(path, name=file.name):
                    raise unusable(file.name, "file-mask-empty")
        except (TimeoutError, RunFailed, StorageError) as error:
            log.info("the mask %s cannot be checked before the order is accepted: %r", file.name, error)

    async def accept(self, offer: Offer) -> tuple[Snapshot, bool]:
        """Hold the credits and write the job; return it, and whether it is new. Raises Refused."""
        # Ids and times are chosen here, because an operation must be pure: a driver may run it again.
        now_ms = self._clock.now_ms()
        new = NewJob(
            id=long_id(now_ms),
            short_ids=short_ids(SHORT_IDS_TRIED),
            payer=offer.payer,
            order=offer.order,
            plan=offer.plan,
            origin=offer.origin,
            admission=offer.admission,
            encrypted_token=self._secret_key.encrypt(offer.origin.token),
            at_ms=now_ms,
            deadline_ms=now_ms + self._limits.waiting_s * 1_000,
            approval_ms=now_ms + self._limits.approval_s * 1_000,
            check_ms=now_ms + self._limits.card_check_s * 1_000,
        )

        def hold_and_read() -> "Operation[tuple[Snapshot, bool]]":
            # Read in the same transaction, so that the card shows the balance right after this hold.
            written = yield from transitions.accept(new, keep_days=self._limits.keep_days)
            if isinstance(written, str):
                return (yield from self._snapshots.within(written)), False
            self._drain.require_off()  # the offer may be older than the drain; raising rolls this back
            return (yield from self._snapshots.of_new(written)), True

        snapshot, is_new = await self._database.run(in_order(hold_and_read))
        if snapshot.wait is not None and snapshot.wait.reason is WaitReason.APPROVAL:
            self._log_wakeup.set()
        return snapshot, is_new

    async def _check_sources(self, order: Order, plan: Plan) -> None:
        """Refuse files that the provider could not read, or that are no longer in our store."""
        linked = {place.slot for request in plan.requests for place in places(request.body) if place.link}
        for file in order.files:
            await self._links.check(file, only_link=file.slot in linked)
        if any(file.artefact for file in order.files):
            await self._database.read(lambda: conditions.require_kept(order.files, self._limits.keep_days))

    def _check_file(self, file: InputFile) -> None:
        """Refuse a file that could not be used, if its metadata shows that. Nothing is downloaded yet.

        The catalogue checks the file's kind. The same limits apply again when the file is copied.
        """
        if file.size == 0 and file.artefact is None:
            raise unusable(file.name, "empty")
        if file.size > self._limits.input_max_bytes:
            raise unusable(file.name, "file-larger", self._limits.input_max_bytes >> 20)
        caps = Caps()
        if (file.width or 0) * (file.height or 0) > caps.pixels:
            raise unusable(file.name, "file-megapixels", caps.pixels // 1_000_000)
        if max(file.width or 0, file.height or 0) > SIDE_MAX:
            raise unusable(file.name, "file-sides", SIDE_MAX)
        if (file.duration_ms or 0) > caps.seconds * 1_000:
            raise unusable(file.name, "file-longer", caps.seconds)
