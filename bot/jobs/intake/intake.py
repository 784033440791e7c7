"""From an order to an accepted job: everything that can refuse it, then one transaction with its hold.

All of it is memory and one local commit, so the answer in Discord can wait for it.
"""

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import InputFile, Order
from bot.catalogue.plan import Plan
from bot.catalogue.refusals import unusable
from bot.clock import Clock, ServerClock
from bot.errors import FilesRemoved, TooLate
from bot.jobs.files.input_files import places
from bot.jobs.files.provider_links import ProviderLinks
from bot.jobs.ids import long_id, short_id
from bot.jobs.intake.gates import judged
from bot.jobs.limits import JobLimits
from bot.jobs.money import transitions
from bot.jobs.records import Origin
from bot.jobs.store import file_rows
from bot.jobs.store.job_rows import NewJob
from bot.policy.policy import Policy, PolicyRequest
from bot.storage.operation import Database
from bot.storage.seal import Seal

SHORT_IDS_TRIED = 8


class Intake:
    """Accepts orders, or says why not."""

    def __init__(
        self,
        database: Database,
        *,
        catalogue: Catalogue,
        policy: Policy,
        clock: Clock,
        discord_clock: ServerClock,
        seal: Seal,
        linker: ProviderLinks,
        limits: JobLimits,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._policy = policy
        self._clock = clock
        self._discord_clock = discord_clock
        self._seal = seal
        self._linker = linker
        self._limits = limits

    async def accept(self, order: Order, origin: Origin) -> tuple[str, bool]:
        """Hold the credits and write the job; returns its id, and whether it is new. Raises Refused."""
        plan = await self.examine(order, origin)
        now_ms = self._clock.now_ms()
        new = NewJob(
            id=long_id(now_ms),
            short_ids=[short_id() for _ in range(SHORT_IDS_TRIED)],
            payer=origin.member,
            order=order,
            plan=plan,
            origin=origin,
            sealed_token=self._seal.close(origin.token),
            at_ms=now_ms,
            deadline_ms=now_ms + self._limits.waiting_s * 1_000,
            check_ms=now_ms + self._limits.card_check_s * 1_000,
        )
        return await self._database.run(lambda: transitions.accept(new))

    async def examine(self, order: Order, origin: Origin) -> Plan:
        """Decide about an order without holding anything; returns what it would become. Raises Refused."""
        self._check_age(origin)
        for gate in await judged(self._catalogue, self._policy, _asked(order, origin), origin.app_permissions):
            if gate.refusal is not None:
                raise gate.refusal
        for file in order.files:
            self._check_file(file)
        plan = self._catalogue.plan(order)
        linked = {place.slot for request in plan.requests for place in places(request.body) if place.link}
        for file in order.files:
            await self._linker.check(file, only_link=file.slot in linked)
            await self._check_kept(file)
        return plan

    async def _check_kept(self, file: InputFile) -> None:
        """Refuse to work on an earlier file whose days are over: better now than when the credits are held."""
        earlier = file.artefact
        if earlier is None:
            return
        kept = await self._database.read(lambda: file_rows.is_kept(earlier))
        if kept is None:  # its job ended before it could be copied
            raise unusable(file.name, "file-gone")
        if not kept:
            raise FilesRemoved(days=self._limits.keep_days)

    def _check_age(self, origin: Origin) -> None:
        """Refuse what Discord would no longer let us answer. One from the future is new: our clock is behind."""
        age_ms = max(0, self._discord_clock.now_ms() - origin.created_ms)
        if age_ms > self._limits.answer_within_ms:
            raise TooLate(age_ms=age_ms)

    def _check_file(self, file: InputFile) -> None:
        """Judge a file's size by its metadata, which is all there is yet; the catalogue judges its kind."""
        if file.size == 0 and file.artefact is None:
            raise unusable(file.name, "empty")
        if file.size > self._limits.input_max_bytes:
            raise unusable(file.name, "file-larger", self._limits.input_max_bytes >> 20)


def _asked(order: Order, origin: Origin) -> PolicyRequest:
    return PolicyRequest(
        guild=origin.guild,
        channel=origin.channel,
        member=origin.member,
        model=order.model,
        task=order.task,
    )
