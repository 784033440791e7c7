"""The table `guild_suspension`: guilds in which nobody may order anything, by the operator's decision."""

from typing import cast

from bot.storage.operation import Operation, Statement


def put(guild: int, reason: str, *, actor: int, at_ms: int) -> Operation[str | None]:
    """Suspend a guild, or change the reason; return the earlier reason."""
    earlier = yield from of_guild(guild)
    yield Statement(
        "INSERT INTO guild_suspension (guild, reason, actor, at_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (guild) DO UPDATE SET reason = $2, actor = $3, at_ms = $4",
        *(guild, reason, actor, at_ms),
    )
    return earlier


def lift(guild: int) -> Operation[str | None]:
    """End a guild's suspension and return its reason; None if there was none."""
    rows = yield Statement("DELETE FROM guild_suspension WHERE guild = $1 RETURNING reason", guild)
    return cast("str", rows[0][0]) if rows else None


def of_guild(guild: int) -> Operation[str | None]:
    """Return the reason why a guild is suspended; None if it is not."""
    rows = yield Statement("SELECT reason FROM guild_suspension WHERE guild = $1", guild)
    return cast("str", rows[0][0]) if rows else None


def everywhere() -> Operation[dict[int, str]]:
    """Return the reasons of all suspensions, by guild."""
    rows = yield Statement("SELECT guild, reason FROM guild_suspension")
    return dict(cast("list[tuple[int, str]]", rows))
