"""Compares open jobs with Discord, the store and the provider, after a startup that may have followed a restore.

If yesterday's backup was restored, a finished job would be reported as failed, and a waiting one would run again. So
before any other step of a job, its card is read, then the files in our store, then the provider's list. Ended jobs are
taken over as they were shown, and never edited or announced. A job whose card does not show an end continues as after
any restart.
"""

import logging
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.catalogue.payload import fill
from bot.catalogue.price import charge
from bot.errors import EaselError, OutcomeUnknown, RunFailed, StorageError
from bot.filetype import extension
from bot.jobs.engine.card_repair import CardRepair
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.poll import Poller
from bot.jobs.engine.unknown_creates import EARLIER_MS, fingerprint
from bot.jobs.files.input_files import measured_ms
from bot.jobs.limits import run_limit_s
from bot.jobs.money import takeover
from bot.jobs.ports import CardEnd, CardState, FoundCard, Messenger, ShownFile
from bot.jobs.records import LIVE, Artefact, Job, Receipt, Snapshot, State
from bot.jobs.store import comparison_rows, file_rows, pause_rows, prediction_rows
from bot.jobs.store.comparison_rows import Suspicion
from bot.jobs.store.pause_rows import Step
from bot.media.media_info import Caps
from bot.provider.wire import ProviderPrediction

EDIT_NOISE_MS = 90_000
"""An edit up to this long after the last stored time (itself up to 30 s old), by Discord's clock, proves nothing."""

log = logging.getLogger(__name__)


class RestoreCheck:
    """Lets jobs continue, or takes over how they ended."""

    def __init__(
        self,
        context: EngineContext,
        messenger: Messenger,
        poller: Poller,
        card_repair: CardRepair,
        secrets: Mapping[str, str],
    ) -> None:
        self._database = context.database
        self._snapshots = context.snapshots
        self._catalogue = context.catalogue
        self._provider = context.provider
        self._artefacts = context.artefacts
        self._media = context.media
        self._clock = context.clock
        self._discord_clock = context.discord_clock
        self._provider_clock = context.provider_clock
        self._limits = context.limits
        self._wakeups = context.wakeups
        self._messenger = messenger
        self._poller = poller
        self._card_repair = card_repair
        self._secrets = secrets

    async def step(self, job: str) -> None:
        """Compare one job, or try again later if Discord or the provider cannot be asked now."""
        suspicion = await self._database.read(lambda: comparison_rows.of_job(job))
        if suspicion is None:
            return
        if not await self._snapshots.is_readable(job):
            await self._leave_out(job)
            return
        try:
            if suspicion.brief and not await self._is_further(job, suspicion):
                await self._release_all()
                return
            compared = await self._compare(job, suspicion)
        except (RunFailed, StorageError, ConnectionError) as error:
            log.warning("job %s cannot be compared with the world now: %s", job, error)
            compared = False
        if not compared:
            await self._postpone(job)
            return
        await self._database.run(lambda: comparison_rows.over(job))
        await self._poller.track_job(job)
        self._card_repair.look_again()
        self._wakeups.everywhere()

    async def _leave_out(self, job: str) -> None:
        """Let a job that cannot be read continue, so that it is given up as usual: it must not block the rest."""
        log.error("job %s cannot be read, so it is not compared with the world", job)
        await self._database.run(lambda: comparison_rows.leave_out(job))
        self._poller.track_all()
        self._card_repair.look_again()
        self._wakeups.everywhere()

    async def stuck(self, job: str, error: Exception) -> None:
        """Try again later after a fault in Easel. A job is not ended before it is known whether it has ended."""
        log.error("job %s could not be compared with the world: %r", job, error)
        await self._postpone(job)

    async def _find_end(self, job: Job) -> FoundCard:
        try:
            return await self._messenger.find_end(job)
        except Exception:  # a message that cannot be read must not hold up a job forever
            log.exception("the card of job %s cannot be read", job.id)
            return FoundCard(CardState.ABSENT)

    async def _is_further(self, job: str, suspicion: Suspicion) -> bool:
        """Return whether a job's card shows, after a short break, that the database is a restored backup."""
        snapshot = await self._snapshots.get(job)
        found = await self._find_end(snapshot.job)
        further = self._is_newer(found, suspicion) or (found.end is not None and snapshot.job.state in LIVE)
        if further:
            await self._confirm(job, "its card shows more")
        return further

    async def _release_all(self) -> None:
        await self._database.run(comparison_rows.nothing_unusual)
        self._poller.track_all()
        self._card_repair.look_again()
        self._wakeups.everywhere()

    def _is_newer(self, found: FoundCard, suspicion: Suspicion) -> bool:
        return found.edited_ms - self._discord_clock.offset_ms > suspicion.seen_ms + EDIT_NOISE_MS

    async def _compare(self, job: str, suspicion: Suspicion) -> bool:
        """Return whether the job may continue or has been taken over; False if that cannot be decided yet."""
        snapshot = await self._snapshots.get(job)
        found = await self._find_end(snapshot.job)
        if found.state is CardState.UNCLEAR:
            return False
        if snapshot.job.state in LIVE:
            if await self._take_over(snapshot, found):
                await self._confirm(job, "it has ended")
                return True
            return await self._may_go_on(snapshot.job, found, suspicion)
        if found.end is not None:
            now_ms = self._clock.now_ms()
            await self._database.run(lambda: takeover.delivered(job, _receipt(found), now_ms))
        return True

    async def _take_over(self, snapshot: Snapshot, found: FoundCard) -> bool:
        """Take over the end of a live job from its card or from the store; return whether there was one."""
        job, now_ms = snapshot.job, self._clock.now_ms()
        if found.end is CardEnd.RESULT:
            await self._as_shown(job, found)
            return True
        if found.end is not None:
            to = State.CANCELLED if found.end is CardEnd.CANCELLED else State.FAILED
            await self._database.run(lambda: takeover.failed(job.id, to, _receipt(found), now_ms))
            return True
        # Files are stored only while a job is collecting. If its state is earlier, they were stored after the backup.
        kept = await self._kept(job) if job.state is not State.COLLECTING else dict[int, Path]()
        if kept:
            await self._from_store(job, kept, found)
        return bool(kept)

    async def _may_go_on(self, job: Job, found: FoundCard, suspicion: Suspicion) -> bool:
        """Return whether a live job whose card does not show an end can continue. After a restore, ask the provider."""
        restored = suspicion.restored
        if not restored and self._is_newer(found, suspicion):
            await self._confirm(job.id, "its card is newer")
            restored = True
        if not restored and found.state is CardState.ABSENT:
            # Nothing is known about this job. Another job's card may show that this database was restored.
            return not await self._database.read(lambda: comparison_rows.others_may_tell(job.id))
        if restored and job.state in {State.ACCEPTED, State.WAITING}:
            await self._ask_provider(job)
        return True

    async def _confirm(self, job: str, why: str) -> None:
        log.warning("job %s is further than this database says (%s): the database is a restored backup", job, why)
        await self._database.run(comparison_rows.confirm)

    async def _as_shown(self, job: Job, found: FoundCard) -> None:
        """Take over the results and the price that a card shows."""
        artefacts, now_ms = await self._stored(job, found.files), self._clock.now_ms()
        priced = found.charged_mcr or await self._charge(job, len(found.files) or job.plan.outputs)
        charge_mcr = min(priced, job.held_mcr)
        artefacts = _completed(job, artefacts, charge_mcr)
        await self._database.run(
            lambda: takeover.finished(job.id, artefacts, charge_mcr, State.DONE, now_ms, _receipt(found))
        )

    async def _from_store(self, job: Job, kept: Mapping[int, Path], found: FoundCard) -> None:
        """Charge for results that were collected after the backup, although the job's card does not show them."""
        artefacts, now_ms = await self._stored(job, ()), self._clock.now_ms()
        charge_mcr = await self._charge(job, len(kept))
        # A card that can be read does not show the results yet, so they are to be shown. Otherwise, they have been
        # shown already, or are offered in `/jobs`.
        to = State.DELIVERING if found.state is CardState.SHOWN else State.UNDELIVERED
        await self._database.run(lambda: takeover.finished(job.id, artefacts, charge_mcr, to, now_ms))

    async def _charge(self, job: Job, delivered: int) -> int:
        stored = await self._database.read(lambda: file_rows.inputs_of(job.id))
        length_ms = measured_ms(self._catalogue, job.plan, stored) if job.plan.quote.upper_bound else None
        return charge(job.plan, delivered=delivered, measured_ms=length_ms)

    async def _kept(self, job: Job) -> Mapping[int, Path]:
        """Return the results of a job that are in the store, by number, whether or not a row lists them."""
        pattern = re.compile(rf"{re.escape(job.id)}-(\d+)\.\w+")
        names = [(pattern.fullmatch(one.name), one.path) for one in await self._artefacts.list_files(f"{job.id}-")]
        return {int(match[1]): path for match, path in names if match}

    async def _stored(self, job: Job, shown: Sequence[ShownFile]) -> list[Artefact]:
        """Return the results of a job: those in the store, and copies of those that only its message has."""
        kept = dict(await self._kept(job))
        for file in shown:
            if file.number not in kept and (copied := await self._copied(job, file)) is not None:
                kept[file.number] = copied
        return [await self._artefact(job, number, path) for number, path in sorted(kept.items())]

    async def _copied(self, job: Job, file: ShownFile) -> Path | None:
        with self._artefacts.temporary() as temporary:
            try:
                await self._provider.download(file.url, temporary, max_bytes=self._limits.result_max_bytes)
                info = await self._media.inspect(temporary, caps=self._caps, name=file.name)
            except (RunFailed, EaselError) as error:
                if isinstance(error, StorageError):
                    raise
                log.warning("result %s of job %s cannot be copied from its message: %s", file.number, job.id, error)
                return None
            name = f"{job.id}-{file.number}.{extension(info.media)}"
            return (await self._artefacts.keep(temporary, name=name)).path

    async def _artefact(self, job: Job, number: int, path: Path) -> Artefact:
        stored = await self._artefacts.read(path)
        media = self._media.counting(f"{job.id}/{number}")
        with self._artefacts.temporary() as copy:
            info = await media.inspect(await self._artefacts.fetch(path, copy), caps=self._caps, name=path.name)
        return Artefact(
            job=job.id,
            number=number,
            prediction=_prediction_of(job, number),
            path=path,
            name=f"easel-{job.short_id}-{number}{path.suffix}",
            media=info.media,
            size=stored.size,
            sha256=stored.sha256,
            width=info.width,
            height=info.height,
            duration_ms=info.duration_ms,
        )

    @property
    def _caps(self) -> Caps:
        return Caps(size=self._limits.result_max_bytes)

    async def _ask_provider(self, job: Job) -> None:
        """Find out whether a job was sent after the backup. If nobody can tell, it is not sent again."""
        recent = await self._recent(job)
        alike = [run for run in recent or () if job.plan.model == run.model or (run.version or "") == job.plan.version]
        held = await self._database.read(lambda: prediction_rows.known_among([run.id for run in alike]))
        alike = [run for run in alike if run.id not in held]
        if recent is not None and not alike:
            return
        runs = [] if job.order.files else self._matched(job, alike)
        now_ms = self._clock.now_ms()
        if runs:
            deadline_ms = now_ms + round(run_limit_s(job.plan.typical_s) * 1_000)
            await self._database.run(lambda: takeover.adopt(job.id, runs, now_ms, deadline_ms))
        elif recent is None or job.order.files:
            failure = OutcomeUnknown(detail="the database was restored from a backup").failure
            await self._database.run(lambda: takeover.orphan(job.id, failure, now_ms))

    async def _recent(self, job: Job) -> tuple[ProviderPrediction, ...] | None:
        """Return the provider's runs since this job was ordered; None if it has no list or has failed for too long."""
        try:
            return await self._provider.recent(job.created_ms + self._provider_clock.offset_ms - EARLIER_MS)
        except RunFailed:
            if self._clock.now_ms() > job.deadline_ms:
                return None
            raise

    def _matched(self, job: Job, runs: Sequence[ProviderPrediction]) -> list[tuple[int, str, str, int]]:
        """Return which runs belong to which of a job's requests."""
        left, matched = list(runs), list[tuple[int, str, str, int]]()
        for number, request in enumerate(job.plan.requests, start=1):
            sent = fingerprint(fill(request.body, {}, self._secrets).get("input"))
            run = next((run for run in left if fingerprint(dict(run.input)) == sent), None)
            if run is not None:
                left.remove(run)
                matched.append((number, sent, run.id, run.created_ms or job.created_ms))
        return matched

    async def _postpone(self, job: str) -> None:
        now_ms, jitter = self._clock.now_ms(), random.random()
        await self._database.run(lambda: pause_rows.postpone(job, Step.COMPARE, now_ms, jitter=jitter))


def _receipt(found: FoundCard) -> Receipt:
    return Receipt(found.rung, found.channel, found.message)


def _prediction_of(job: Job, number: int) -> int:
    """Return the number of the prediction that makes the result with this number."""
    before = 0
    for prediction, request in enumerate(job.plan.requests, start=1):
        before += request.outputs
        if number <= before:
            return prediction
    return len(job.plan.requests)


def _completed(job: Job, artefacts: list[Artefact], charge_mcr: int) -> list[Artefact]:
    """Add a record, without a file, for each result that was charged but can no longer be found."""
    paid = next(
        (count for count in range(1, job.plan.outputs) if charge(job.plan, delivered=count) >= charge_mcr),
        job.plan.outputs,
    )
    there = {artefact.number for artefact in artefacts}
    absent = [number for number in range(1, job.plan.outputs + 1) if number not in there]
    gone = [_gone(job, number) for number in absent[: max(0, paid - len(artefacts))]]
    return sorted([*artefacts, *gone], key=lambda artefact: artefact.number)


def _gone(job: Job, number: int) -> Artefact:
    name, media = f"easel-{job.short_id}-{number}", job.plan.media
    return Artefact(job.id, number, _prediction_of(job, number), Path(), name, media, 1, "", None, None, None)
