"""The table `order_pause`: tasks that nobody may order for now."""

from typing import cast

from bot.catalogue.order import Task
from bot.policy.policy_records import Pause
from bot.storage.operation import Operation, Statement

EVERYTHING = ""
"""The stored name of a pause of all tasks."""


def put(guild: int, pause: Pause) -> Operation[None]:
    """Pause a task, or all tasks, or change an existing pause."""
    yield Statement(
        "INSERT INTO order_pause (guild, task, reason, actor, until_ms) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (guild, task) DO UPDATE SET reason = $3, actor = $4, until_ms = $5",
        *(guild, pause.task or EVERYTHING, pause.reason, pause.actor, pause.until_ms),
    )


def end(guild: int, task: Task | None) -> Operation[Pause | None]:
    """End the pause of a task, or of all tasks, and return it; None if there was none."""
    rows = yield Statement(
        "DELETE FROM order_pause WHERE guild = $1 AND task = $2 RETURNING reason, actor, until_ms",
        guild,
        task or EVERYTHING,
    )
    return Pause(task, *cast("tuple[str, int, int | None]", tuple(rows[0]))) if rows else None


def of_guild(guild: int) -> Operation[tuple[Pause, ...]]:
    """Return the pauses of a guild, starting with the one for all tasks."""
    rows = yield Statement(
        "SELECT task, reason, actor, until_ms FROM order_pause WHERE guild = $1 ORDER BY task", guild
    )
    return tuple(
        Pause(Task(task) if task else None, reason, actor, until_ms)
        for task, reason, actor, until_ms in cast("list[tuple[str, str, int, int | None]]", rows)
    )
