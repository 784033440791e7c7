"""Which results are spoilers: hidden until someone presses them (column `job.spoiler`)."""

from bot.catalogue.order import Order
from bot.jobs.recipe import source_of
from bot.jobs.records import SPOILER_PREFIX, Origin
from bot.storage.operation import Operation, Statement


def put(job: str, *, on: bool) -> Operation[bool]:
    """Make a job's result a spoiler, or no longer one. Return whether that changed anything."""
    rows = yield Statement("UPDATE job SET spoiler = $2 WHERE id = $1 AND spoiler <> $2 RETURNING id", job, int(on))
    return bool(rows)


def comes_from_one(order: Order, origin: Origin) -> Operation[bool]:
    """Return whether an order uses a spoiler: the result of an earlier job, or a file that was uploaded as one."""
    sources = [source_of(file.artefact) for file in order.files if file.artefact]
    for job in dict.fromkeys([*sources, *([origin.parent.source] if origin.parent else ())]):
        if (yield Statement("SELECT 1 FROM job WHERE id = $1 AND spoiler = 1", job)):
            return True
    return any(file.name.startswith(SPOILER_PREFIX) for file in order.files)
