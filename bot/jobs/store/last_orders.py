"""Reads the time of the last order in each guild."""

from typing import cast

from bot.storage.operation import Operation, Statement


def by_guild() -> Operation[dict[int, int]]:
    """Return the time of the newest order of each guild. It reads one row for each guild, not every job."""
    rows = yield Statement(
        "WITH RECURSIVE one (guild) AS (SELECT MIN(guild) FROM job UNION ALL"
        " SELECT (SELECT MIN(guild) FROM job WHERE guild > one.guild) FROM one WHERE one.guild IS NOT NULL)"
        " SELECT guild, (SELECT MAX(created_ms) FROM job WHERE job.guild = one.guild) FROM one WHERE guild IS NOT NULL"
    )
    return dict(cast("list[tuple[int, int]]", rows))
