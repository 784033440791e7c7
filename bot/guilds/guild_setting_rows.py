"""The SQL of guilds' settings."""

from typing import cast

from bot.guilds.guild_settings import GuildSettings, parsed
from bot.storage.operation import Operation, Statement


def of_guild(guild: int) -> Operation[GuildSettings]:
    """Return a guild's settings."""
    rows = yield Statement("SELECT name, value FROM guild_setting WHERE guild = $1", guild)
    return parsed(dict(cast("list[tuple[str, str]]", rows)))


def write(guild: int, name: str, value: str | None) -> Operation[None]:
    """Set a setting, or reset it to its default (None)."""
    if value is None:
        yield Statement("DELETE FROM guild_setting WHERE guild = $1 AND name = $2", guild, name)
        return
    yield Statement(
        "INSERT INTO guild_setting (guild, name, value) VALUES ($1, $2, $3) "
        "ON CONFLICT (guild, name) DO UPDATE SET value = $3",
        guild,
        name,
        value,
    )
