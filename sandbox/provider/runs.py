"""Runs predictions, one task each, on the sandbox's clock."""

import asyncio
import contextlib
import logging
import random
from bisect import bisect_left
from collections.abc import Iterator, Mapping

import aiohttp

from sandbox.clock import SandboxClock
from sandbox.provider.input_files import InputFile, UnusableInput, fetch
from sandbox.provider.model_schemas import Model
from sandbox.provider.output_files import LIFE_S, OutputFiles
from sandbox.provider.prediction import Prediction, Status, Webhook, draw_timing
from sandbox.provider.prediction_json import Json, early, listed, render, unstarted
from sandbox.provider.prompt_words import ControlWords, Ending, find_words
from sandbox.provider.result_files import Detail, OutputRequest, make_outputs
from sandbox.provider.run_store import RunStore
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
"""The model whose recorded answers to a waiting create have data URLs instead of links."""
DUE_S = 5.0
"""How long a read waits, in real seconds, for a run whose end is already due."""


class Runs:
    """All predictions ever created, and the tasks of the unfinished ones."""

    def __init__(
        self,
        clock: SandboxClock,
        http: aiohttp.ClientSession,
        files: OutputFiles,
        webhooks: Webhooks,
        *,
        store: RunStore,
        speed: float,
        rng: random.Random,
        detail: Detail,
    ) -> None:
        self._store = store
        self._clock = clock
        self._http = http
        self._files = files
        self._webhooks = webhooks
        self.speed = speed
        """The divisor for the times of runs that begin from now on."""
        self._rng = rng
        self._detail = detail
        self._all: dict[str, Prediction] = {}
        self._in_order: list[Prediction] = []  # by number, starting at 1, and so by time
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._partial_runs = 0
        self.base_url = ""
        """The address of the output files; known once the server is listening."""

    def create(
        self, model: Model, run_input: Mapping[str, object], *, cancel_after_s: float | None, webhook: Webhook | None
    ) -> Prediction:
        """Create a prediction and start its run."""
        now, words = self._clock.now(), find_words(dict(run_input))
        timing = draw_timing(model, run_input, words, speed=self.speed, rng=self._rng)
        starts = now + timing.startup_s
        prediction = Prediction(
            id=self._new_id(),
            number=len(self._all) + 1,
            model=model,
            version=model.version,
            input=dict(run_input),
            words=words,
            seed=self._seed(model, run_input),
            created=now,
            starts=starts,
            ends=starts + timing.run_s,
            skew_s=timing.startup_s + self._rng.uniform(0.001, 0.028) if self._rng.random() < 1 / 8 else 0.0,
            deadline=None if cancel_after_s is None else now + cancel_after_s,
            webhook=webhook,
        )
        self._add(prediction)
        self._store.save(prediction)
        self._begin(prediction)
        return prediction

    def restore(self) -> None:
        """Restore the predictions of an earlier process, and continue the unfinished ones."""
        found = self._store.load()
        newest = max((max(each.created, each.completed or 0.0) for each in found), default=0.0)
        # The clock may have been moved in the earlier process, and must not go back to before that time.
        self._clock.advance(max(0.0, newest - self._clock.now()))
        for prediction in found:
            self._add(prediction)
            if not prediction.status.is_terminal:
                self._begin(prediction)
            elif prediction.paths and not prediction.is_removed(self._clock.now()):
                self._keep_again(prediction)

    def _add(self, prediction: Prediction) -> None:
        self._all[prediction.id] = prediction
        self._in_order.append(prediction)

    def _keep_again(self, prediction: Prediction) -> None:
        """Serve the files of a run that ended in an earlier process: the same drawings at the same addresses."""
        made = make_outputs(self._output_request(prediction, self._store.input_files(prediction)))
        for piece in made.pieces:
            self._files.keep(piece, expires=prediction.expires or 0.0, path=prediction.paths[piece.name])

    def _new_id(self) -> str:
        # With a fixed seed, a restarted process would generate the ids of the earlier one again.
        while (drawn := "".join(self._rng.choices(ALPHABET, k=ID_LENGTH))) in self._all:
            pass
        return drawn

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
        """The secret that webhooks are signed with."""
        return self._webhooks.secret

    def get(self, prediction_id: str) -> Prediction | None:
        """Find a prediction."""
        return self._all.get(prediction_id)

    def newest_first(self) -> list[Prediction]:
        """List all predictions, the newest first."""
        return self._in_order[::-1]

    def newest_before(self, number: int | None, moment: float | None) -> Iterator[Prediction]:
        """Iterate over the predictions below this number that were created before a moment, the newest first.

        None means that there is no such limit.
        """
        end = len(self._in_order)
        if number is not None:
            end = max(0, min(end, number - 1))
        if moment is not None:
            end = bisect_left(self._in_order, moment, hi=end, key=lambda each: each.created)
        return (self._in_order[place] for place in range(end - 1, -1, -1))

    async def settle(self, prediction: Prediction) -> None:
        """Let a run catch up with the clock, so that due changes have happened before it is read."""
        await asyncio.sleep(0)
        if _should_have_ended(prediction, self._clock.now()) and not prediction.status.is_terminal:
            await self.wait(prediction, DUE_S)

    async def settle_all(self) -> None:
        """Let all runs catch up with the clock."""
        await asyncio.sleep(0)
        now = self._clock.now()
        unfinished = (self._all[prediction_id] for prediction_id in self._tasks)
        due = [
            each
            for each in unfinished
            if (each.started is None and now >= each.starts) or _should_have_ended(each, now)
        ]
        await asyncio.gather(*map(self.settle, due))

    async def wait(self, prediction: Prediction, seconds: float) -> None:
        """Wait until the run has ended, for at most that many real seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(prediction.ended.wait(), seconds)

    async def wait_on_clock(self, prediction: Prediction, seconds: float) -> None:
        """Wait until the run has ended, for at most that many seconds on the sandbox's clock."""
        ended = asyncio.create_task(prediction.ended.wait())
        timer = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait((ended, timer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (ended, timer):
                task.cancel()
            await asyncio.gather(ended, timer, return_exceptions=True)

    def cancel(self, prediction: Prediction) -> None:
        """Cancel a run that has not ended."""
        self._end(prediction, Status.CANCELED)

    def list_entry(self, prediction: Prediction) -> Json:
        """Render a prediction as it is now for a list."""
        return listed(prediction, self._clock.now(), output=self._output(prediction))

    def show(self, prediction: Prediction) -> Json:
        """Render a prediction as it is now."""
        return render(prediction, self._clock.now(), output=self._output(prediction))

    async def show_after_wait(self, prediction: Prediction) -> Json:
        """Render the answer to a create that waited: `early` with its output, `starting` if its time ran out."""
        if prediction.paths:
            return early(prediction, self._clock.now(), output=await self._early_output(prediction))
        return self.show(prediction) if prediction.status.is_terminal else unstarted(prediction, self._clock.now())

    async def _early_output(self, prediction: Prediction) -> object:
        """Return the output; for sdxl, it contains the pictures themselves."""
        if prediction.model.id != INLINE:
            return self._output(prediction)
        return [await self._files.data_url(path) for path in prediction.paths.values()]

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
        group[0].add_done_callback(lambda task: self._task_ended(prediction, task))

    def _task_ended(self, prediction: Prediction, task: asyncio.Task[None]) -> None:
        """Handle the end of a run's task: a bug in the sandbox makes the run fail like an internal platform error."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the run of %s died", prediction.model.id, exc_info=error)
            self._fail(prediction, "Unknown error (E1000)")

    async def _stop_at_deadline(self, prediction: Prediction, deadline: float) -> None:
        await self._clock.sleep_until(deadline)
        self._end(prediction, Status.ABORTED if prediction.started is None else Status.CANCELED)

    async def _run(self, prediction: Prediction) -> None:
        await self._clock.sleep_until(prediction.starts)
        if "aborted" in prediction.words:
            return self._end(prediction, Status.ABORTED)
        if prediction.started is None:
            prediction.started, prediction.status = prediction.starts, Status.PROCESSING
            self._store.save(prediction)
            self._send_event(prediction, "start")
        try:
            files = await fetch(self._http, prediction.model, prediction.input)
        except UnusableInput as error:
            return self._fail(prediction, str(error))
        if "never" in prediction.words:
            await asyncio.Event().wait()
        await self._clock.sleep_until(prediction.ends)
        error = self._error_of(prediction)
        return self._fail(prediction, error) if error else self._succeed(prediction, files)

    def _error_of(self, prediction: Prediction) -> str | None:
        """Return the error with which a run fails, if it does."""
        words, model = prediction.words, prediction.model
        if "partial" in words and model.count(prediction.input) == 1:
            self._partial_runs += 1
            return None if self._partial_runs % 2 else _filtered(model)
        if words.ending is None:
            return None
        return _filtered(model) if words.ending == "filter" else ERRORS[words.ending]

    def _fail(self, prediction: Prediction, error: str) -> None:
        prediction.error = error
        self._end(prediction, Status.FAILED)

    def _succeed(self, prediction: Prediction, files: tuple[InputFile, ...]) -> None:
        request = self._output_request(prediction, files)
        made = make_outputs(request)
        ended = max(prediction.ends, prediction.started or 0.0)
        prediction.expires = ended + (0.0 if "expired" in prediction.words else LIFE_S)
        if "empty" not in prediction.words:
            prediction.paths = {
                piece.name: self._files.keep(piece, expires=prediction.expires) for piece in made.pieces
            }
            prediction.made, prediction.seconds = request.count, made.seconds
            self._store.save_input_files(prediction, files)
        self._end(prediction, Status.SUCCEEDED)

    def _output_request(self, prediction: Prediction, files: tuple[InputFile, ...]) -> OutputRequest:
        return OutputRequest(
            prediction.model,
            prediction.input,
            prediction.seed,
            _unfiltered(prediction.model.count(prediction.input), prediction.words),
            prediction.words,
            files,
            self._detail,
        )

    def _end(self, prediction: Prediction, status: Status) -> None:
        if prediction.status.is_terminal:
            return
        now = self._clock.now()
        is_natural = status in (Status.SUCCEEDED, Status.FAILED) and "never" not in prediction.words
        prediction.completed = min(now, prediction.ends) if is_natural and prediction.started else now
        if prediction.expires is None:
            prediction.expires = now + LIFE_S
        prediction.status = status
        self._store.save(prediction)
        prediction.ended.set()
        for event in ("logs", "output", "completed") if status is Status.SUCCEEDED else ("logs", "completed"):
            self._send_event(prediction, event)
        this = asyncio.current_task()
        for task in self._tasks.pop(prediction.id, []):
            if task is not this:
                task.cancel()

    def _send_event(self, prediction: Prediction, event: Event) -> None:
        self._webhooks.send(prediction.webhook, event, self.show(prediction))

    def _output(self, prediction: Prediction) -> object:
        named = {name: self.base_url + path for name, path in prediction.paths.items()}
        links = list(named.values())
        shape = prediction.model.output.shape
        if shape == "object":
            return {name.partition(".")[0]: link for name, link in named.items()} or None
        return links if shape == "list" else next(iter(links), None)


def _should_have_ended(prediction: Prediction, now: float) -> bool:
    return now >= prediction.ends and "never" not in prediction.words


def _filtered(model: Model) -> str:
    return NSFW if "disable_safety_checker" in model.inputs else FLAGGED


def _unfiltered(requested: int, words: ControlWords) -> int:
    """Return how many of the pictures of a run pass the safety filter."""
    if "half" in words:
        return max(1, requested // 2)
    return max(1, requested - 1) if "partial" in words else requested
