"""The SQL of preferences and presets."""

from collections.abc import Collection
from typing import cast

from bot.preferences.preference_records import Ping, Preference, Preset
from bot.storage.operation import Operation, Statement, select_in

GUILD = 0
"""The member or owner id that stands for the guild itself."""


def preference(guild: int, member: int) -> Operation[Preference]:
    """Return the preferences of a member, or of the guild itself."""
    rows = yield Statement(
        "SELECT aspect, visibility, confirm_above_mcr, language, ping FROM preference WHERE guild = $1 AND member = $2",
        guild,
        member,
    )
    models = yield Statement("SELECT task, model FROM preferred_model WHERE guild = $1 AND member = $2", guild, member)
    preferred = {cast("str", task): cast("str", model) for task, model in models}
    if not rows:
        return Preference(models=preferred)
    aspect, visibility, above, language = cast("tuple[str | None, str | None, int | None, str | None]", rows[0][:4])
    ping = cast("str | None", rows[0][4])
    return Preference(aspect, visibility, above, language, preferred, Ping(ping) if ping else None)


def languages(guild: int | None = None) -> Operation[dict[tuple[int, int], str]]:
    """Return all chosen languages, or those of one guild, by guild and member."""
    select = "SELECT guild, member, language FROM preference WHERE language IS NOT NULL"
    rows = yield Statement(select) if guild is None else Statement(f"{select} AND guild = $1", guild)
    return {(guild, member): language for guild, member, language in cast("list[tuple[int, int, str]]", rows)}


def pings(guild: int, members: Collection[int]) -> Operation[dict[int, Ping]]:
    """Return the ping preference of each of these members who has chosen one."""
    rows = yield from select_in(
        "SELECT member, ping FROM preference WHERE guild = $1 AND ping IS NOT NULL AND member IN ({keys})",
        members,
        guild,
    )
    return {member: Ping(ping) for member, ping in cast("list[tuple[int, str]]", rows)}


def write(guild: int, member: int, new: Preference) -> Operation[None]:
    """Replace the stored preferences, except the models."""
    yield Statement(
        "INSERT INTO preference (guild, member, aspect, visibility, confirm_above_mcr, language, ping) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (guild, member) DO UPDATE "
        "SET aspect = $3, visibility = $4, confirm_above_mcr = $5, language = $6, ping = $7",
        guild,
        member,
        new.aspect,
        new.visibility,
        new.confirm_above_mcr,
        new.language,
        new.ping,
    )


def prefer(guild: int, member: int, task: str, model: str) -> Operation[None]:
    """Store the preferred model for a task."""
    yield Statement(
        "INSERT INTO preferred_model (guild, member, task, model) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (guild, member, task) DO UPDATE SET model = $4",
        guild,
        member,
        task,
        model,
    )


def forget(guild: int, member: int) -> Operation[None]:
    """Delete all preferences of a member or guild."""
    yield Statement("DELETE FROM preference WHERE guild = $1 AND member = $2", guild, member)
    yield Statement("DELETE FROM preferred_model WHERE guild = $1 AND member = $2", guild, member)


def presets(guild: int, member: int) -> Operation[tuple[Preset, ...]]:
    """Return a member's own presets by name, then the guild's."""
    rows = yield Statement(
        "SELECT name, template, negative, model, owner FROM preset WHERE guild = $1 AND owner IN (0, $2) "
        "ORDER BY owner DESC, name",
        guild,
        member,
    )
    found = [cast("tuple[str, str, str | None, str | None, int]", row) for row in rows]
    return tuple(Preset(*fields, guilds=owner == GUILD) for *fields, owner in found)  # pyright: ignore[reportArgumentType] - as cast


def save(guild: int, owner: int, preset: Preset, *, by: int, at_ms: int, most: int) -> Operation[bool]:
    """Save a preset, replacing one of the same name. Return False if its owner already has `most` others."""
    # The preset itself is not counted, so that one at the limit can still be replaced.
    others = yield Statement(
        "SELECT count(*) FROM preset WHERE guild = $1 AND owner = $2 AND name != $3", guild, owner, preset.name
    )
    if cast("int", others[0][0]) >= most:
        return False
    yield Statement(
        "INSERT INTO preset (guild, owner, name, template, negative, model, saved_by, at_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (guild, owner, name) DO UPDATE "
        "SET template = $4, negative = $5, model = $6, saved_by = $7, at_ms = $8",
        guild,
        owner,
        preset.name,
        preset.template,
        preset.negative,
        preset.model,
        by,
        at_ms,
    )
    return True


def delete(guild: int, owner: int, name: str) -> Operation[bool]:
    """Delete a preset. Return False if there is none."""
    rows = yield Statement(
        "DELETE FROM preset WHERE guild = $1 AND owner = $2 AND name = $3 RETURNING name", guild, owner, name
    )
    return bool(rows)
