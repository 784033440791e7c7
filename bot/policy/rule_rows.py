"""The SQL of what moderators set: rules, limits, age rules and channel defaults. Each change is audited."""

from collections.abc import Callable, Mapping

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange, State
from bot.policy import guild_policy_rows
from bot.policy.policy_records import ChannelDefaults, Limit, Rule, Target
from bot.storage.operation import Operation, Statement

_RULE = "number, effect, what, name, scope, subject, ceiling_mcr, until_ms, spoiler"
_LIMIT = "number, kind, scope, subject, shared, amount"


def set_rule(guild: int, rule: Rule, *, actor: int, at_ms: int) -> Operation[int]:
    """Set a rule and return its number. It replaces one that differs only in its ceiling, end or spoiler."""
    values = (rule.effect, rule.target.what, rule.target.name, rule.scope, rule.subject)
    rows = yield Statement(
        f"SELECT {_RULE} FROM policy_rule WHERE guild = $1"  # noqa: S608 - a constant
        " AND effect = $2 AND what = $3 AND name = $4 AND scope = $5 AND subject = $6",
        guild,
        *values,
    )
    before = guild_policy_rows.rule_of(rows[0]) if rows else None
    number = before.number if before else (yield from guild_policy_rows.next_number(guild))
    yield Statement(
        "INSERT INTO policy_rule"
        " (guild, effect, what, name, scope, subject, number, ceiling_mcr, until_ms, actor, at_ms, spoiler)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (guild, effect, what, name, scope, subject)"
        " DO UPDATE SET ceiling_mcr = $8, until_ms = $9, actor = $10, at_ms = $11, spoiler = $12",
        *(guild, *values, number, rule.ceiling_mcr, rule.until_ms, actor, at_ms, int(rule.spoiler)),
    )
    states = before and rule_state(before), rule_state(rule)
    yield from audit_rows.write(AuditedChange(guild, actor, "rules.add", str(number), *states, at_ms))
    return number


def remove_rule(guild: int, number: int, *, actor: int, at_ms: int) -> Operation[Rule | None]:
    """Remove a rule and return it; None if there is none with this number."""
    rows = yield Statement(
        f"DELETE FROM policy_rule WHERE guild = $1 AND number = $2 RETURNING {_RULE}",  # noqa: S608 - a constant
        guild,
        number,
    )
    if not rows:
        return None
    rule = guild_policy_rows.rule_of(rows[0])
    yield from audit_rows.write(AuditedChange(guild, actor, "rules.remove", str(number), rule_state(rule), None, at_ms))
    return rule


def remove_same(guild: int, rule: Rule, *, actor: int, at_ms: int) -> Operation[None]:
    """Remove the rule with this effect, target and scope, if there is one."""
    rows = yield Statement(
        "SELECT number FROM policy_rule"
        " WHERE guild = $1 AND effect = $2 AND what = $3 AND name = $4 AND scope = $5 AND subject = $6",
        *(guild, rule.effect, rule.target.what, rule.target.name, rule.scope, rule.subject),
    )
    for (number,) in rows:
        yield from remove_rule(guild, int(str(number)), actor=actor, at_ms=at_ms)


def set_limit(guild: int, limit: Limit, *, actor: int, at_ms: int) -> Operation[int]:
    """Set a limit and return its number. It replaces one that differs only in its amount."""
    values = (limit.kind, limit.scope, limit.subject, int(limit.shared))
    rows = yield Statement(
        f"SELECT {_LIMIT} FROM policy_limit WHERE guild = $1"  # noqa: S608 - a constant
        " AND kind = $2 AND scope = $3 AND subject = $4 AND shared = $5",
        guild,
        *values,
    )
    before = guild_policy_rows.limit_of(rows[0]) if rows else None
    number = before.number if before else (yield from guild_policy_rows.next_number(guild))
    yield Statement(
        "INSERT INTO policy_limit (guild, kind, scope, subject, shared, number, amount, actor, at_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (guild, kind, scope, subject, shared)"
        " DO UPDATE SET amount = $7, actor = $8, at_ms = $9",
        *(guild, *values, number, limit.amount, actor, at_ms),
    )
    states = before and limit_state(before), limit_state(limit)
    yield from audit_rows.write(AuditedChange(guild, actor, "limits.set", str(number), *states, at_ms))
    return number


def remove_limit(guild: int, number: int, *, actor: int, at_ms: int) -> Operation[Limit | None]:
    """Remove a limit and return it; None if there is none with this number."""
    rows = yield Statement(
        f"DELETE FROM policy_limit WHERE guild = $1 AND number = $2 RETURNING {_LIMIT}",  # noqa: S608 - a constant
        guild,
        number,
    )
    if not rows:
        return None
    limit = guild_policy_rows.limit_of(rows[0])
    yield from audit_rows.write(
        AuditedChange(guild, actor, "limits.remove", str(number), limit_state(limit), None, at_ms)
    )
    return limit


def set_age_rule(guild: int, target: Target, *, on: bool, actor: int, at_ms: int) -> Operation[None]:
    """Restrict a target to age-restricted channels, or allow it everywhere again."""
    values = (guild, target.what, target.name)
    if on:
        changed = yield Statement(
            "INSERT INTO policy_age (guild, what, name, actor, at_ms) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (guild, what, name) DO NOTHING RETURNING name",
            *(*values, actor, at_ms),
        )
    else:
        changed = yield Statement(
            "DELETE FROM policy_age WHERE guild = $1 AND what = $2 AND name = $3 RETURNING name", *values
        )
    if not changed:
        return
    state = {"what": target.what.value, "name": target.name}
    states = (None, state) if on else (state, None)
    yield from audit_rows.write(
        AuditedChange(guild, actor, "age.set", target.name or target.what.value, *states, at_ms)
    )


def set_channel(guild: int, defaults: ChannelDefaults, *, actor: int, at_ms: int) -> Operation[None]:
    """Set the defaults of a channel; a default that is None is removed."""
    known = (yield from guild_policy_rows.load(guild)).channels.get(defaults.channel)
    spoiler = None if defaults.spoiler is None else int(defaults.spoiler)
    yield Statement(
        "INSERT INTO policy_channel (guild, channel, model, aspect, visibility, spoiler)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (guild, channel)"
        " DO UPDATE SET model = $3, aspect = $4, visibility = $5, spoiler = $6",
        *(guild, defaults.channel, defaults.model, defaults.aspect, defaults.visibility, spoiler),
    )
    states = known and channel_state(known), channel_state(defaults)
    yield from audit_rows.write(AuditedChange(guild, actor, "channel.set", str(defaults.channel), *states, at_ms))


def set_places(
    guild: int, change: Callable[[frozenset[int]], frozenset[int]], *, actor: int, at_ms: int
) -> Operation[frozenset[int]]:
    """Change the channels and categories to which orders are limited, and return them."""
    before = yield from guild_policy_rows.places(guild)
    after = change(before)
    for place in before - after:
        yield Statement("DELETE FROM policy_place WHERE guild = $1 AND place = $2", guild, place)
    for place in after - before:
        yield Statement("INSERT INTO policy_place (guild, place) VALUES ($1, $2)", guild, place)
    if after != before:
        states = {"channels": _listed(before)}, {"channels": _listed(after)}
        yield from audit_rows.write(AuditedChange(guild, actor, "places.set", "server", *states, at_ms))
    return after


def _listed(places: frozenset[int]) -> str:
    return " ".join(map(str, sorted(places))) or "everywhere"


def set_time_zone(guild: int, time_zone: str, *, actor: int, at_ms: int) -> Operation[None]:
    """Set a guild's time zone, an IANA name."""
    before = (yield from guild_policy_rows.load(guild)).time_zone
    yield from guild_policy_rows.set_time_zone(guild, time_zone)
    states = {"time_zone": before}, {"time_zone": time_zone}
    yield from audit_rows.write(AuditedChange(guild, actor, "settings.time-zone", "server", *states, at_ms))


def rule_state(rule: Rule) -> State:
    """Return a rule as it is audited."""
    return _set({
        "effect": rule.effect.value, "what": rule.target.what.value, "name": rule.target.name or None,
        "scope": rule.scope.value, "subject": rule.subject or None, "ceiling_mcr": rule.ceiling_mcr,
        "until_ms": rule.until_ms, "spoiler": rule.spoiler or None,
    })  # fmt: skip


def limit_state(limit: Limit) -> State:
    """Return a limit as it is audited."""
    return _set({
        "kind": limit.kind.value, "scope": limit.scope.value, "subject": limit.subject or None,
        "shared": limit.shared, "amount": limit.amount,
    })  # fmt: skip


def channel_state(defaults: ChannelDefaults) -> State:
    """Return the defaults of a channel as they are audited."""
    return _set({
        "model": defaults.model, "aspect": defaults.aspect, "visibility": defaults.visibility,
        "spoiler": defaults.spoiler,
    })  # fmt: skip


def _set(state: Mapping[str, str | int | bool | None]) -> State:
    return {name: value for name, value in state.items() if value is not None}
