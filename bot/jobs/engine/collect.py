"""Takes jobs from collecting to delivering: copies outputs into our store before they expire, and charges for them.

A stored file is never fetched again. A file that cannot be fetched or stored now is retried for as long as the provider
keeps results, but only for a few minutes if other results of the job are already stored. A missing file is retried for
a few minutes, because files may appear on their host a moment after the run's end. A file that is gone or unusable is
left out, and nobody pays for it.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.price import charge
from bot.errors import (
    Failure,
    InternalError,
    ProviderBusy,
    ProviderDown,
    ResultBanned,
    ResultExpired,
    ResultNotYetThere,
    ResultReplaced,
    ResultUnusable,
    RunFailed,
    StorageError,
    UnusableFile,
)
from bot.filetype import extension
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.context import EngineContext
from bot.jobs.files.banned_pictures import BannedPictures
from bot.jobs.files.input_files import measured_ms
from bot.jobs.money import transitions
from bot.jobs.records import Artefact, Job, PredictionState, Snapshot, State
from bot.jobs.store import file_rows, pause_rows
from bot.jobs.store.job_locks import of_job
from bot.jobs.store.pause_rows import Step
from bot.media.media_info import Caps, MediaInfo
from bot.media.media_tools import MediaTools
from bot.media.provenance.label_content import Mark
from bot.provider.download import TEXT_MEDIA
from bot.storage.operation import Operation
from bot.troubles import Part

TRANSPARENT = "transparent"
"""The background that leaves a result as it is; any other background is a colour."""

RESULT_LIFE_S = 55 * 60.0
"""How long copying a result is retried: the provider keeps it for an hour after the run's end."""

YOUNG_S = 300.0
"""How long fetching a missing file is retried, and how long a job's other results wait for one that fails."""

FIRST_PAUSE_MS = 2_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Output:
    """An output to be copied: its position among all results of the job, and the prediction that made it."""

    number: int
    prediction: int
    url: str


Ending = Callable[[], Operation[None]]
"""The operation that records that a result has been decoded, as part of a transaction."""

_Store = Callable[[Artefact, Ending], Awaitable[None]]
"""Writes the row of a result whose file is in our store."""


class Collector:
    """Copies the outputs of jobs and charges for those that are stored."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._snapshots = context.snapshots
        self._catalogue = context.catalogue
        self._provider = context.provider
        self._artefacts = context.artefacts
        self._media = context.media
        self._clock = context.clock
        self._limits = context.limits
        self._checkpoints = context.checkpoints
        self._wakeups = context.wakeups
        self._troubles = context.troubles
        self._process = context.process
        self._banned = BannedPictures(context.database, context.artefacts, context.media)

    async def step(self, job: str) -> bool:
        """Copy the missing outputs. Once no more can be expected, charge for the stored ones, or release the hold.

        Return whether nothing is left to collect for the job.
        """
        snapshot = await self._snapshots.outline(job)
        if snapshot.job.state is not State.COLLECTING:
            return True
        missing = list(_missing(snapshot, self._catalogue))
        if len(missing) == 1:
            failures = await self._copy_last(snapshot, missing[0])
            if not failures:
                return True
            copied = 0
        else:
            copied, failures = await self._copy_all(snapshot, missing)
        if await self._may_yet_work(snapshot.job, failures):
            now_ms, jitter = self._clock.now_ms(), random.random()
            await self._database.run(
                of_job(
                    job, lambda: pause_rows.postpone(job, Step.COLLECT, now_ms, jitter=jitter, first_ms=FIRST_PAUSE_MS)
                )
            )
            return False
        await self._checkpoints.reached(Checkpoint.COLLECTED, job)
        await self._settle(snapshot.job, len(snapshot.artefacts) + copied, failures)
        return True

    async def _copy_last(self, snapshot: Snapshot, output: _Output) -> list["_Failed"]:
        """Copy the only missing output, and charge for all results in the transaction that writes its row."""
        job, delivered = snapshot.job, len(snapshot.artefacts) + 1

        async def store(artefact: Artefact, ending: Ending) -> None:
            await self._checkpoints.reached(Checkpoint.COLLECTED, job.id)
            await self._charge(job, delivered, lambda: _write(artefact, ending))

        failed = await self._copy(job, output, store)
        return [] if failed is None else [failed]

    async def _copy_all(self, snapshot: Snapshot, missing: Sequence[_Output]) -> tuple[int, list["_Failed"]]:
        """Copy all missing outputs at the same time; return how many were copied, and why the others were not."""

        async def store(artefact: Artefact, ending: Ending) -> None:
            # A result that has been copied is kept, even if the process ends while others are still being copied.
            await self._database.run(of_job(artefact.job, lambda: _write(artefact, ending)))

        copies = (self._copy(snapshot.job, output, store) for output in missing)
        # All copies end before this step does. Otherwise the next attempt would write the same files at the same time.
        ends = await asyncio.gather(*copies, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        failures = [end for end in ends if isinstance(end, _Failed)]
        return len(ends) - len(failures), failures

    async def _may_yet_work(self, job: Job, failures: list["_Failed"]) -> bool:
        """Return whether some of these outputs are worth another try."""
        if not any(failure.patience_s for failure in failures):
            return False
        waited_s = (self._clock.now_ms() - job.updated_ms) / 1_000
        stored = (await self._snapshots.outline(job.id)).artefacts
        for failure in failures:
            # One failing picture must not keep the finished ones from their member for an hour.
            patience_s = min(failure.patience_s, YOUNG_S) if stored else failure.patience_s
            if waited_s < patience_s:
                log.warning("an output of job %s is tried again: %s", job.id, failure.error)
                return True
        return False

    async def _settle(self, job: Job, delivered: int, failures: list["_Failed"]) -> None:
        now_ms = self._clock.now_ms()
        if not delivered:
            error = failures[0].error if failures else ResultUnusable(detail="there was none")
            failure = _shown_failure(job, error)
            if await self._database.run(of_job(job.id, lambda: transitions.unusable(job.id, failure, now_ms))):
                self._wakeups.after(State.FAILED)
                await self._checkpoints.reached(Checkpoint.RELEASED, job.id)
            return
        await self._charge(job, delivered, _nothing)

    async def _charge(self, job: Job, delivered: int, before: Callable[[], Operation[None]]) -> None:
        """Charge for this many results, all of which are in our store once `before` has run in the same transaction."""
        now_ms = self._clock.now_ms()
        # The charge counts stored files only: until this transaction, a crash costs the member nothing.
        charge_mcr = charge(job.plan, delivered=delivered, measured_ms=await self._measured_ms(job))

        def write() -> "Operation[bool]":
            yield from before()
            return (yield from transitions.capture(job.id, charge_mcr, delivered, now_ms))

        if await self._database.run(of_job(job.id, write)):
            await self._checkpoints.reached(Checkpoint.CAPTURED, job.id)
            self._wakeups.after(State.DELIVERING, job.id)

    async def _measured_ms(self, job: Job) -> int | None:
        if not job.plan.quote.upper_bound:
            return None
        stored = await self._database.read(lambda: file_rows.inputs_of(job.id))
        return measured_ms(self._catalogue, job.plan, stored)

    async def _copy(self, job: Job, output: _Output, store: _Store) -> "_Failed | None":
        try:
            async with self._media.in_sequence(f"{job.id}/{output.number}") as (media, decodings):
                artefact = await self._fetch(job, output, media)
                await self._checkpoints.reached(Checkpoint.DOWNLOADED, job.id)
                # The row is written last. After a crash before that, the next try puts the same file in the same place.
                await store(artefact, decodings.ending())
                decodings.written()
            self._troubles.worked(Part.FILES)
        except (ProviderDown, ProviderBusy, StorageError) as error:  # a full disk is not the job's fault either
            if isinstance(error, StorageError):
                self._troubles.note(error)
            return _Failed(error, RESULT_LIFE_S)
        except (ResultExpired, ResultNotYetThere, ResultReplaced) as error:
            return _Failed(error, YOUNG_S)
        except RunFailed as error:
            return _Failed(error, 0)
        return None

    async def _fetch(self, job: Job, output: _Output, media: MediaTools) -> Artefact:
        with self._artefacts.temporary() as temporary:
            found = await self._provider.download(output.url, temporary, max_bytes=self._limits.result_max_bytes)
            if found.media == TEXT_MEDIA:
                raise ResultReplaced(detail="the host sent a text instead of a file")
            await self._artefacts.probe(needed_bytes=found.size)  # labelling writes a second copy
            info = await self._look(media, temporary, job.order.background)
            if await self._banned.has(job.guild, temporary, f"{job.id}/{output.number}"):
                raise ResultBanned
            await media.label(temporary, Mark(job.order.model, job.id, job.short_id), signed=True)
            self._process.require_current()  # the new holder may have stored the same file, with another signature
            kept = await self._artefacts.keep(temporary, name=f"{job.id}-{output.number}.{extension(info.media)}")
        return Artefact(
            job=job.id,
            number=output.number,
            prediction=output.prediction,
            path=kept.path,
            name=f"easel-{job.short_id}-{output.number}.{extension(info.media)}",
            media=info.media,
            size=kept.size,
            sha256=kept.sha256,
            width=info.width,
            height=info.height,
            duration_ms=info.duration_ms,
        )

    async def _look(self, media: MediaTools, result: Path, background: str | None) -> MediaInfo:
        """Read a result; if it is transparent, fill it with the requested colour. Raises ResultUnusable."""
        caps = Caps(size=self._limits.result_max_bytes)
        try:
            info = await media.inspect(result, caps=caps, name="the result")
            if background is None or background == TRANSPARENT or not info.has_alpha:
                return info
            await media.on_colour(result, background, result)
            return await media.inspect(result, caps=caps, name="the result")
        except UnusableFile as error:
            raise ResultUnusable(detail=str(error.facts["problem"])) from error


def _write(artefact: Artefact, ending: Ending) -> Operation[None]:
    yield from file_rows.add_artefact(artefact)
    yield from ending()


def _nothing() -> Operation[None]:
    yield from ()


@dataclass(frozen=True, slots=True)
class _Failed:
    """The reason why an output is not in our store, and how many seconds to keep retrying; 0 for not at all."""

    error: RunFailed | StorageError
    patience_s: float


def _shown_failure(job: Job, error: RunFailed | StorageError) -> Failure:
    """Return the failure to show to the member: a full disk concerns only the operator, who finds it in the log."""
    if isinstance(error, RunFailed):
        return error.failure
    log.error("the results of job %s cannot be stored: %s", job.id, error)
    return InternalError(reference=job.id).failure


def _missing(snapshot: Snapshot, catalogue: Catalogue) -> Iterator[_Output]:
    """Yield the outputs that are not in our store, but no more than were ordered."""
    there = {artefact.number for artefact in snapshot.artefacts}
    before = 0
    for prediction in snapshot.predictions:
        if prediction.state is PredictionState.SUCCEEDED:
            links = catalogue.results(snapshot.job.plan.model, prediction.outputs, prediction.expected)
            for place, url in enumerate(links, start=before + 1):
                if place not in there:
                    yield _Output(place, prediction.number, url)
        before += prediction.expected
