"""The SQL of the policy's tables."""

from collections.abc import Mapping
from typing import cast

from bot.storage.operation import Operation, Statement


def say(guild: int, model: str, *, allowed: bool, actor: int, at_ms: int) -> Operation[None]:
    """Set a guild's word about a model, and write down who did it."""
    values = (guild, model, int(allowed), actor, at_ms)
    yield Statement(
        "INSERT INTO policy_model (guild, model, allowed, actor, at_ms) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (guild, model) DO UPDATE SET allowed = $3, actor = $4, at_ms = $5",
        *values,
    )
    yield Statement(
        "INSERT INTO policy_audit (guild, model, allowed, actor, at_ms) VALUES ($1, $2, $3, $4, $5)", *values
    )


def said(guild: int) -> Operation[Mapping[str, bool]]:
    """All that a guild said about single models."""
    rows = yield Statement("SELECT model, allowed FROM policy_model WHERE guild = $1", guild)
    return {cast("str", model): bool(allowed) for model, allowed in rows}
