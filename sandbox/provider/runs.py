"""Run predictions, one task each, on the sandbox's clock."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Mapping

import aiohttp

from sandbox.clock import SandboxClock
from sandbox.provider.input_files import InputFile, UnusableInput, fetch
from sandbox.provider.model_schemas import Model
from sandbox.provider.output_files import LIFE_S, OutputFiles
from sandbox.provider.prediction import Prediction, Status, Webhook, draw_timing
from sandbox.provider.prediction_json import Json, early, render
from sandbox.provider.prompt_words import Ending, Path, find
from sandbox.provider.result_files import OutputRequest, make_outputs
from sandbox.provider.webhooks import Event, Webhooks

log = logging.getLogger(__name__)
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 26
NSFW = "NSFW content detected. Try running it again, or try a different prompt."
FLAGGED = "The input or output was flagged as sensitive. Please try again with different inputs. (E005) (uIJ6l3ruRD)"
ERRORS: Mapping[Ending, str] = {
    "fail": "Director: unexpected error handling prediction (E9828)",
    "interrupt": "Prediction interrupted; please retry (code: PA)",
    "busy": "Service is currently unavailable due to high demand. Please try again later. (E003)",
    "memory": "CUDA out of memory. Tried to allocate 2.00 GiB (E1001)",
}
INLINE = "stability-ai/sdxl"
"""Its recorded answers to a waiting create had data URLs for links."""
DUE_S = 5.0
"""How long a read waits, in real seconds, for a run whose end is already due."""


class Runs:
    """Everything ever created, and the tasks of what is still going on."""

    def __init__(
        self,
        clock: SandboxClock,
        http: aiohttp.ClientSession,
        files: OutputFiles,
        webhooks: Webhooks,
        *,
        speed: float,
        rng: random.Random,
    ) -> None:
        self._clock = clock
        self._http = http
        self._files = files
        self._webhooks = webhooks
        self.speed = speed
        """Divides the times of runs that begin from now on."""
        self._rng = rng
        self._all: dict[str, Prediction] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._halved = 0
        self.base_url = ""
        """Where the output files are served; known when the server listens."""

    def create(
        self, model: Model, run_input: Mapping[str, object], *, cancel_after_s: float | None, webhook: Webhook | None
    ) -> Prediction:
        """Make a prediction and let it run."""
        now, path = self._clock.now(), find(dict(run_input))
        timing = draw_timing(model, run_input, path, speed=self.speed, rng=self._rng)
        starts = now + timing.startup_s
        prediction = Prediction(
            id="".join(self._rng.choices(ALPHABET, k=ID_LENGTH)),
            number=len(self._all) + 1,
            model=model,
            version=model.version,
            input=dict(run_input),
            path=path,
            seed=self._seed(model, run_input),
            created=now,
            starts=starts,
            ends=starts + timing.run_s,
            skew_s=timing.startup_s + self._rng.uniform(0.001, 0.028) if self._rng.random() < 1 / 8 else 0.0,
            deadline=None if cancel_after_s is None else now + cancel_after_s,
            webhook=webhook,
        )
        self._all[prediction.id] = prediction
        self._begin(prediction)
        return prediction

    def _seed(self, model: Model, run_input: Mapping[str, object]) -> int:
        requested = model.value(run_input, "seed")
        is_fixed = (
            isinstance(requested, int)
            and requested >= 0
            and not (requested == 0 and model.id == "lucataco/animate-diff")
        )
        return requested if is_fixed and isinstance(requested, int) else self._rng.randrange(1, 2**16)

    @property
    def webhook_secret(self) -> str:
        """What webhooks are signed with."""
        return self._webhooks.secret

    def get(self, prediction_id: str) -> Prediction | None:
        """Find a prediction."""
        return self._all.get(prediction_id)

    def newest_first(self) -> list[Prediction]:
        """List all predictions."""
        return list(reversed(self._all.values()))

    async def settle(self, prediction: Prediction) -> None:
        """Let a run catch up with the clock, so that what is due has happened before it is read."""
        await asyncio.sleep(0)
        is_due = self._clock.now() >= prediction.ends and "never" not in prediction.path
        if is_due and not prediction.status.is_terminal:
            await self.wait(prediction, DUE_S)

    async def settle_all(self) -> None:
        """Let all runs catch up with the clock."""
        await asyncio.gather(*(self.settle(each) for each in self._all.values() if not each.status.is_terminal))

    async def wait(self, prediction: Prediction, seconds: float) -> None:
        """Return when the run has ended, or after that many real seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(prediction.ended.wait(), seconds)

    async def wait_on_clock(self, prediction: Prediction, seconds: float) -> None:
        """Return when the run has ended, or when the sandbox's clock has moved on by that much."""
        ended = asyncio.create_task(prediction.ended.wait())
        timer = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait((ended, timer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (ended, timer):
                task.cancel()
            await asyncio.gather(ended, timer, return_exceptions=True)

    def cancel(self, prediction: Prediction) -> None:
        """End a run that has not ended."""
        self._end(prediction, Status.CANCELED)

    def show(self, prediction: Prediction) -> Json:
        """Write a prediction as it is now."""
        return render(prediction, self._clock.now(), output=self._output(prediction))

    async def show_early(self, prediction: Prediction) -> Json:
        """Write a prediction that ended while its create was waiting; sdxl's has the pictures themselves in it."""
        output = self._output(prediction)
        if prediction.model.id == INLINE:
            paths = [link.removeprefix(self.base_url) for link in prediction.links.values()]
            output = [await self._files.data_url(path) for path in paths]
        return early(prediction, self._clock.now(), output=output)

    async def close(self) -> None:
        """Stop all runs."""
        tasks = [task for group in self._tasks.values() for task in group]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, prediction: Prediction) -> None:
        group = [asyncio.create_task(self._run(prediction), name=f"prediction {prediction.id}")]
        if prediction.deadline is not None:
            group.append(asyncio.create_task(self._stop_at_deadline(prediction, prediction.deadline)))
        self._tasks[prediction.id] = group
        group[0].add_done_callback(lambda task: self._noticed(prediction, task))

    def _noticed(self, prediction: Prediction, task: asyncio.Task[None]) -> None:
        """See a run's task end: one that died of a mistake of ours fails as the platform's own do."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the run of %s died", prediction.model.id, exc_info=error)
            self._fail(prediction, "Unknown error (E1000)")

    async def _stop_at_deadline(self, prediction: Prediction, deadline: float) -> None:
        await self._clock.sleep_until(deadline)
        self._end(prediction, Status.ABORTED if prediction.started is None else Status.CANCELED)

    async def _run(self, prediction: Prediction) -> None:
        await self._clock.sleep_until(prediction.starts)
        if "aborted" in prediction.path:
            return self._end(prediction, Status.ABORTED)
        prediction.started, prediction.status = prediction.starts, Status.PROCESSING
        self._tell(prediction, "start")
        try:
            files = await fetch(self._http, prediction.model, prediction.input)
        except UnusableInput as error:
            return self._fail(prediction, str(error))
        if "never" in prediction.path:
            await asyncio.Event().wait()
        await self._clock.sleep_until(prediction.ends)
        ending = self._ending(prediction)
        return self._fail(prediction, ending) if ending else self._succeed(prediction, files)

    def _ending(self, prediction: Prediction) -> str | None:
        """Tell how a run fails, if it does."""
        path, model = prediction.path, prediction.model
        if "partial" in path and model.count(prediction.input) == 1:
            self._halved += 1
            return None if self._halved % 2 else _filtered(model)
        if path.ending is None:
            return None
        return _filtered(model) if path.ending == "filter" else ERRORS[path.ending]

    def _fail(self, prediction: Prediction, error: str) -> None:
        prediction.error = error
        self._end(prediction, Status.FAILED)

    def _succeed(self, prediction: Prediction, files: tuple[InputFile, ...]) -> None:
        count = _passed(prediction.model.count(prediction.input), prediction.path)
        made = make_outputs(
            OutputRequest(prediction.model, prediction.input, prediction.seed, count, prediction.path, files)
        )
        ended = max(prediction.ends, prediction.started or 0.0)
        prediction.expires = ended + (0.0 if "expired" in prediction.path else LIFE_S)
        if "empty" not in prediction.path:
            prediction.links = {
                piece.name: self.base_url + self._files.keep(piece, expires=prediction.expires) for piece in made.pieces
            }
            prediction.made, prediction.seconds = count, made.seconds
        self._end(prediction, Status.SUCCEEDED)

    def _end(self, prediction: Prediction, status: Status) -> None:
        if prediction.status.is_terminal:
            return
        now = self._clock.now()
        is_natural = status in (Status.SUCCEEDED, Status.FAILED) and "never" not in prediction.path
        prediction.completed = min(now, prediction.ends) if is_natural and prediction.started else now
        if prediction.expires is None:
            prediction.expires = now + LIFE_S
        prediction.status = status
        prediction.ended.set()
        for event in ("logs", "output", "completed") if status is Status.SUCCEEDED else ("logs", "completed"):
            self._tell(prediction, event)
        this = asyncio.current_task()
        for task in self._tasks.pop(prediction.id, []):
            if task is not this:
                task.cancel()

    def _tell(self, prediction: Prediction, event: Event) -> None:
        self._webhooks.send(prediction.webhook, event, self.show(prediction))

    def _output(self, prediction: Prediction) -> object:
        links = list(prediction.links.values())
        shape = prediction.model.output.shape
        if shape == "object":
            return {name.partition(".")[0]: link for name, link in prediction.links.items()} or None
        return links if shape == "list" else next(iter(links), None)


def _filtered(model: Model) -> str:
    return NSFW if "disable_safety_checker" in model.inputs else FLAGGED


def _passed(requested: int, path: Path) -> int:
    """Tell how many of the pictures of a run pass the safety filter."""
    if "half" in path:
        return max(1, requested // 2)
    return max(1, requested - 1) if "partial" in path else requested
