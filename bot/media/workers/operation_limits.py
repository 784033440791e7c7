"""Limits of each operation that a worker performs, known to the pool and to the worker."""

from collections.abc import Mapping
from dataclasses import dataclass

MEMORY_BYTES = 2 << 30
"""Address space of one worker: the largest picture that is read needs a quarter of it."""

OUTPUT_BYTES = 1 << 30
"""The largest file that a worker can write."""

OPEN_FILES = 64


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """Limits of one operation: CPU seconds of all its threads, and wall-clock seconds, with room for a busy machine."""

    cpu_s: int
    wall_s: float
    slow: bool = False


READ = OperationLimits(cpu_s=20, wall_s=60)
DRAW = OperationLimits(cpu_s=10, wall_s=60)
CHART = OperationLimits(cpu_s=20, wall_s=60, slow=True)
"""Marked as slow, so that a worker stays free for results when many people ask for statements."""

DRAW_ALL = OperationLimits(cpu_s=120, wall_s=120, slow=True)
"""Decodes a whole video."""

ENCODE = OperationLimits(cpu_s=900, wall_s=180, slow=True)

OPERATION_LIMITS: Mapping[str, OperationLimits] = {
    "alpha_mask": READ,
    "inspect": READ,
    "invert_mask": READ,
    "label": READ,
    "looks": DRAW_ALL,
    "marks_something": READ,
    "repair": READ,
    "on_colour": READ,
    "preview": DRAW,
    "read_credentials": READ,
    "statement_chart": CHART,
    "thumbnail": READ,
    "to_fit": ENCODE,
    "upright": READ,
}
