"""The record of one prediction: request, timing and result. Times are seconds on the sandbox's clock."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from sandbox.provider.model_schemas import Model
from sandbox.provider.prompt_words import ControlWords


class Status(StrEnum):
    """The official statuses."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"

    @property
    def is_terminal(self) -> bool:
        """Whether the status is final."""
        return self not in (Status.STARTING, Status.PROCESSING)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook: its URL and the events that it receives."""

    url: str
    events: tuple[str, ...]


@dataclass(slots=True)
class Prediction:
    """A prediction and its history so far."""

    id: str
    number: int
    model: Model
    version: str
    input: Mapping[str, object]
    words: ControlWords
    seed: int
    created: float
    starts: float
    """The time at which the model finishes starting up."""
    ends: float
    """The time at which the run is due to end."""
    skew_s: float = 0.0
    """How much too early `started_at` is shown: on the official host it can be a few ms before `created_at`."""
    deadline: float | None = None
    webhook: Webhook | None = None
    status: Status = Status.STARTING
    started: float | None = None
    completed: float | None = None
    error: str | None = None
    paths: Mapping[str, str] = field(default_factory=dict[str, str])
    """Paths of the output files by their name, in order; the host's address may change with a restart."""
    expires: float | None = None
    made: int = 0
    seconds: float | None = None
    """The length of the clip that was made."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def is_removed(self, now: float) -> bool:
        """Return whether its input, output and logs have been removed."""
        return self.expires is not None and now >= self.expires

    def progress(self, now: float) -> float:
        """Return the run's progress, from 0 to 1."""
        if self.started is None:
            return 0.0
        if self.status is Status.SUCCEEDED:
            return 1.0
        until = self.completed if self.completed is not None else now
        span = self.ends - self.starts
        return min(0.99, max(0.0, (until - self.started) / span if span > 0 else 0.0))

    def list_usd(self) -> Decimal:
        """Return the list price of the complete order."""
        return list_usd(self.model, self.input, seconds=self.seconds)

    def cost_usd(self) -> Decimal:
        """Return the list price of what was produced; 0 if nothing was."""
        return list_usd(self.model, self.input, made=self.made, seconds=self.seconds) if self.made else Decimal(0)


def list_usd(
    model: Model, run_input: Mapping[str, object], *, made: int | None = None, seconds: float | None = None
) -> Decimal:
    """Return the list price of an order; `seconds` is given if the length depends on an input file."""
    if model.price_per == "image":
        return model.price_usd * (model.count(run_input) if made is None else made)
    if model.price_per == "second":
        return model.price_usd * Decimal(str(model.seconds(run_input) or seconds or 0))
    return model.price_usd


@dataclass(frozen=True, slots=True)
class Timing:
    """The start-up time and the running time of a prediction, in seconds."""

    startup_s: float
    run_s: float


COLD_S = 45.0
SLOW = 10.0
STEP_FIELDS = ("num_inference_steps", "steps", "sample_steps")


def draw_timing(
    model: Model, run_input: Mapping[str, object], words: ControlWords, *, speed: float, rng: random.Random
) -> Timing:
    """Choose random durations around the typical ones, which are for one picture with default steps and length."""
    startup = min(8.0, rng.lognormvariate(-1.0, 0.8)) + (COLD_S if "cold" in words else 0.0)
    run = model.typical_seconds * rng.lognormvariate(0.0, 0.12) * _weight(model, run_input)
    run *= SLOW if "slow" in words else 1.0
    return Timing(startup / speed, run / speed)


def _weight(model: Model, run_input: Mapping[str, object]) -> float:
    weight = 1.0 + 0.35 * (model.count(run_input) - 1)
    duration = model.roles["duration"]
    usual = model.inputs[duration].default if duration else None
    requested = model.seconds(run_input)
    if isinstance(usual, int) and requested:
        weight *= requested / usual
    steps, default = step_count(model, run_input)
    return weight * (0.3 + 0.7 * steps / default if default else 1.0)


def step_count(model: Model, run_input: Mapping[str, object]) -> tuple[int, int]:
    """Return the requested and the default number of steps; (0, 0) if the model has no steps."""
    for name in STEP_FIELDS:
        spec = model.inputs.get(name)
        if spec is not None and isinstance(spec.default, int):
            requested = run_input.get(name, spec.default)
            return (requested if isinstance(requested, int) else spec.default), spec.default
    return 0, 0
