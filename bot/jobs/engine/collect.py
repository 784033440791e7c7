"""From collecting to delivering: outputs are copied into our store before they expire, then what is safe is paid.

A file that is there is never fetched again; one that cannot be had now is tried for some minutes (the provider keeps
results for an hour); one that is gone or unusable is left out, and nobody pays for it.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.price import charge
from bot.errors import Failure, ProviderBusy, ProviderDown, ResultUnusable, RunFailed, UnusableFile
from bot.filetype import extension
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.context import EngineContext
from bot.jobs.files.input_files import measured_ms
from bot.jobs.money import transitions
from bot.jobs.records import Artefact, Job, PredictionState, Snapshot, State
from bot.jobs.store import file_rows, job_rows
from bot.media.media_info import Caps, MediaInfo
from bot.media.media_tools import MediaTools
from bot.media.provenance.mark import Mark

TRANSPARENT = "transparent"
"""The background that is none; any other is a colour."""

TRIES = 8
"""Tries at a download that may yet work: some four minutes with their pauses."""


@dataclass(frozen=True, slots=True)
class _Output:
    """An output to be copied: its place among all results of the job, and whose it is."""

    number: int
    prediction: int
    url: str


class Collector:
    """Copies outputs and captures."""

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

    async def step(self, job: str) -> None:
        """Copy what is missing; once nothing more is to come, capture for what is there, or release."""
        snapshot = await self._snapshots.get(job)
        if snapshot.job.state is not State.COLLECTING:
            return
        ends = await asyncio.gather(
            *(self._copy(snapshot.job, output) for output in _missing(snapshot, self._catalogue))
        )
        failures = [end for end in ends if end is not None]
        if any(failure.passing for failure in failures) and not await self._tried_enough(job):
            return
        await self._checkpoints.reached(Checkpoint.COLLECTED, job)
        await self._settle(snapshot.job, failures)

    async def _settle(self, job: Job, failures: list["_Failed"]) -> None:
        snapshot = await self._snapshots.get(job.id)
        delivered = len(snapshot.artefacts)
        now_ms = self._clock.now_ms()
        if not delivered:
            failure = failures[0].failure if failures else ResultUnusable(detail="there was none").failure
            if await self._database.run(lambda: transitions.unusable(job.id, failure, now_ms)):
                self._wakeups.after(State.FAILED)
                await self._checkpoints.reached(Checkpoint.RELEASED, job.id)
            return
        charge_mcr = charge(job.plan, delivered=delivered, measured_ms=await self._measured_ms(job))
        if await self._database.run(lambda: transitions.capture(job.id, charge_mcr, delivered, now_ms)):
            await self._checkpoints.reached(Checkpoint.CAPTURED, job.id)
            self._wakeups.after(State.DELIVERING)

    async def _measured_ms(self, job: Job) -> int | None:
        if not job.plan.quote.upper_bound:
            return None
        stored = await self._database.read(lambda: file_rows.inputs_of(job.id))
        return measured_ms(self._catalogue, job.plan, stored)

    async def _copy(self, job: Job, output: _Output) -> "_Failed | None":
        try:
            artefact = await self._fetch(job, output)
        except (ProviderDown, ProviderBusy) as error:
            return _Failed(error.failure, passing=True)
        except RunFailed as error:
            return _Failed(error.failure, passing=False)
        await self._checkpoints.reached(Checkpoint.DOWNLOADED, job.id)
        await self._database.run(lambda: file_rows.add_artefact(artefact))
        return None

    async def _fetch(self, job: Job, output: _Output) -> Artefact:
        with self._artefacts.temporary() as temporary:
            await self._provider.download(output.url, temporary, max_bytes=self._limits.result_max_bytes)
            media = self._media.counting(f"{job.id}/{output.number}")
            info = await self._look(media, temporary, job.order.background)
            await media.label(temporary, Mark(job.order.model, job.id, job.short_id), signed=True)
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
        """Read a result; if it is transparent, put it on the colour that was asked for. Raises ResultUnusable."""
        caps = Caps(size=self._limits.result_max_bytes)
        try:
            info = await media.inspect(result, caps=caps, name="the result")
            if background is None or background == TRANSPARENT or not info.has_alpha:
                return info
            await media.on_colour(result, background, result)
            return await media.inspect(result, caps=caps, name="the result")
        except UnusableFile as error:
            raise ResultUnusable(detail=str(error.facts["problem"])) from error

    async def _tried_enough(self, job: str) -> bool:
        now_ms, jitter = self._clock.now_ms(), random.random()
        tries = await self._database.run(lambda: job_rows.postpone(job, now_ms, jitter=jitter, first_ms=2_000))
        return tries >= TRIES


@dataclass(frozen=True, slots=True)
class _Failed:
    """Why an output is not in our store, and whether that may pass."""

    failure: Failure
    passing: bool


def _missing(snapshot: Snapshot, catalogue: Catalogue) -> Iterator[_Output]:
    """The outputs that are not in our store. No more than was ordered: nobody asked for the rest."""
    there = {artefact.number for artefact in snapshot.artefacts}
    before = 0
    for prediction in snapshot.predictions:
        if prediction.state is PredictionState.SUCCEEDED:
            links = catalogue.results(snapshot.job.plan.model, prediction.outputs, prediction.expected)
            for place, url in enumerate(links, start=before + 1):
                if place not in there:
                    yield _Output(place, prediction.number, url)
        before += prediction.expected
