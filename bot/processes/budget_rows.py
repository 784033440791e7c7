"""The table `budget`: token buckets that several processes share, timed by the server's clock. For PostgreSQL only."""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
from typing import cast

from bot.storage.operation import Operation, Statement

_NOW_US = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"


def take(name: str, most: int, *, each_us: int, saved_us: int) -> Operation[int]:
    """Take up to this many calls of a budget, and return how many were available.

    One call is added every `each_us` microseconds, and unused ones are saved for up to `saved_us`.
    """
    yield Statement(
        f"INSERT INTO budget (name, free_us) VALUES ($1, {_NOW_US} - $2) ON CONFLICT DO NOTHING", name, saved_us
    )
    ((free_us, now_us),) = cast(
        "list[tuple[int, int]]",
        (yield Statement(f"SELECT free_us, {_NOW_US} FROM budget WHERE name = $1 FOR UPDATE", name)),
    )
    # No later than now: the server's clock may have been set back.
    since_us = max(min(free_us, now_us), now_us - saved_us)
    taken = min(most, (now_us - since_us) // each_us)
    if taken or free_us > now_us:
        yield Statement("UPDATE budget SET free_us = $2 WHERE name = $1", name, since_us + taken * each_us)
    return taken
