"""Sample jobs for benchmarks."""

from fractions import Fraction

from bot.catalogue.order import Order, Task
from bot.catalogue.plan import Per, Plan, PlannedRequest, Quote
from bot.jobs.records import EndNotice, Job, Snapshot, State, Visibility

MODEL = "black-forest-labs/flux-schnell"
SECRET_KEY = b"C" * 43 + b"="
_PLAN = Plan(
    MODEL,
    None,
    (PlannedRequest(f"/v1/models/{MODEL}/predictions", {}, 1),),
    Quote(75_000, Per.IMAGE, Fraction(75_000), Fraction(1), upper_bound=False),
    "image/png",
    3.0,
)


def order(model: str = MODEL) -> Order:
    """Return an order for this model."""
    return Order(Task.IMAGINE, model, "a lighthouse in fog")


def running(number: int, created_ms: int) -> Snapshot:
    """Return a running job without predictions; jobs with different numbers have different ids."""
    job = Job(
        id=f"job{number:08}",
        short_id=f"{number:08}",
        guild=1 + number % 50,
        channel=1,
        member=1,
        payer=1,
        state=State.RUNNING,
        order=order(),
        plan=_PLAN,
        held_mcr=75_000,
        captured_mcr=0,
        visibility=Visibility.CHANNEL,
        locale="en-US",
        guild_locale="en-US",
        order_key=number,
        application=1,
        token="",
        token_created_ms=created_ms,
        filesize_limit=10 << 20,
        message=1,
        created_ms=created_ms,
        updated_ms=created_ms,
        deadline_ms=created_ms + 600_000,
        cancel_asked_ms=None,
        failure=None,
        notice=EndNotice.NONE,
    )
    return Snapshot(job, (), (), 0)
