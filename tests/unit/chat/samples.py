"""Sample jobs for tests: a complete one, with the changes that a test requests."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.plan import Per, Plan, PlannedRequest, Quote
from bot.errors import Failure
from bot.jobs.records import Artefact, EndNotice, Job, Prediction, PredictionState, Snapshot, State, Visibility

NOW_MS = 1_800_000_000_000


def plan(outputs: int = 1, *, typical_s: float = 3.0, milli_credits: int = 75_000, upper_bound: bool = False) -> Plan:
    quote = Quote(milli_credits, Per.IMAGE, Fraction(75_000), Fraction(outputs), upper_bound)
    request = PlannedRequest("/v1/models/black-forest-labs/flux-schnell/predictions", {}, outputs)
    return Plan("black-forest-labs/flux-schnell", None, (request,), quote, "image/png", typical_s)


def order(**changes: Any) -> Order:
    given = {"task": Task.IMAGINE, "model": "black-forest-labs/flux-schnell", "prompt": "a lighthouse in fog"}
    return Order(**(given | changes))


def job(state: State = State.RUNNING, **changes: Any) -> Job:
    made = Job(
        id="01JOB0000000000000000AB",
        short_id="K7QF-2M",
        guild=10,
        channel=20,
        member=30,
        payer=30,
        state=state,
        order=order(),
        plan=plan(),
        held_mcr=75_000,
        captured_mcr=0,
        visibility=Visibility.CHANNEL,
        locale="en-US",
        guild_locale="en-US",
        order_key=40,
        application=50,
        token="the-token",
        token_created_ms=NOW_MS,
        filesize_limit=10 << 20,
        message=60,
        created_ms=NOW_MS,
        updated_ms=NOW_MS,
        deadline_ms=NOW_MS + 600_000,
        cancel_asked_ms=None,
        failure=None,
        notice=EndNotice.NONE,
    )
    return replace(made, **changes)


def run(number: int = 0, state: PredictionState = PredictionState.RUNNING, **changes: Any) -> Prediction:
    made = Prediction(
        job="01JOB0000000000000000AB",
        number=number,
        state=state,
        provider_id=f"run{number}",
        outputs=(),
        expected=1,
        seed=None,
        step=None,
        steps=None,
        submitted_ms=NOW_MS,
        created_ms=NOW_MS,
        started_ms=NOW_MS,
        completed_ms=None,
        polled_ms=NOW_MS,
        failure=None,
    )
    return replace(made, **changes)


def artefact(number: int = 0, **changes: Any) -> Artefact:
    made = Artefact(
        job="01JOB0000000000000000AB",
        number=number,
        prediction=0,
        path=Path(f"ab/picture-{number}.png"),
        name=f"easel-K7QF-2M-{number + 1}.png",
        media="image/png",
        size=1_000,
        sha256="00",
        width=1024,
        height=1024,
        duration_ms=None,
    )
    return replace(made, **changes)


def snapshot(state: State = State.RUNNING, **changes: Any) -> Snapshot:
    """Return a snapshot. Changes to anything but `runs`, `artefacts` and the `names` below apply to its job."""
    names = ("balance_mcr", "wait", "usual", "ping")
    own = {name: changes.pop(name) for name in names if name in changes}
    runs, files = changes.pop("runs", (run(),)), changes.pop("artefacts", ())
    return Snapshot(job(state, **changes), tuple(runs), tuple(files), own.pop("balance_mcr", 1_925_000), **own)


def delivered(**changes: Any) -> Snapshot:
    """Return a job with one paid picture that is about to be shown."""
    return snapshot(State.DELIVERING, **({"captured_mcr": 75_000, "artefacts": (artefact(),)} | changes))


def failed(key: str = "model-failed", state: State = State.FAILED, **changes: Any) -> Snapshot:
    return snapshot(state, failure=Failure(key, changes.pop("facts", {})), **changes)


def attachment(name: str = "photo.png") -> InputFile:
    return InputFile("image", FileRole.IMAGE, name, "https://cdn.example/photo.png", 1_000, "image/png")
