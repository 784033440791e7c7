"""The SQL of the policy's tables: the rules in force, and the record of who set them."""

from collections.abc import Mapping
from typing import cast

from bot.storage.operation import Operation, Statement


def write(guild: int, model: str, *, allowed: bool, actor: int, at_ms: int) -> Operation[None]:
    """Set a guild's rule for a model, and record who did it."""
    values = (guild, model, int(allowed), actor, at_ms)
    yield Statement(
        "INSERT INTO policy_model (guild, model, allowed, actor, at_ms) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (guild, model) DO UPDATE SET allowed = $3, actor = $4, at_ms = $5",
        *values,
    )
    yield Statement(
        "INSERT INTO policy_audit (guild, model, allowed, actor, at_ms) VALUES ($1, $2, $3, $4, $5)", *values
    )


def of_guild(guild: int) -> Operation[Mapping[str, bool]]:
    """Return a guild's rules: for each model that has one, whether it is allowed."""
    rows = yield Statement("SELECT model, allowed FROM policy_model WHERE guild = $1", guild)
    return {cast("str", model): bool(allowed) for model, allowed in rows}


def rule_for(guild: int, model: str) -> Operation[bool | None]:
    """Return whether a guild allows one model; None if it has no rule for it."""
    rows = yield Statement("SELECT allowed FROM policy_model WHERE guild = $1 AND model = $2", guild, model)
    return bool(rows[0][0]) if rows else None
