"""The SQL that reads everything a guild has decided, at one version.

Everything that orders are judged by belongs here: a new table becomes a field of `GuildPolicy` and one more read in
`load`. Its writes go through `Policy.change`, which calls `bump` in the same transaction, so that remembered policies
and offers of an earlier version are recognised as outdated.
"""

from datetime import UTC, tzinfo
from typing import cast

from bot.calendar_periods import zone
from bot.policy import approval_rule_rows, block_rows, order_pauses
from bot.policy.policy_records import (
    ChannelDefaults,
    Effect,
    GuildPolicy,
    Limit,
    LimitKind,
    Rule,
    RuleScope,
    Target,
    What,
)
from bot.storage.operation import Operation, Row, Statement


def load(guild: int) -> Operation[GuildPolicy]:
    """Return everything that a guild has decided."""
    # A guild that was forgotten and came back may be suspended although it has no other row.
    rows = yield Statement(
        "SELECT p.version, p.time_zone, s.reason FROM (SELECT CAST($1 AS BIGINT) AS guild) AS this "
        "LEFT JOIN policy_guild AS p ON p.guild = this.guild LEFT JOIN guild_suspension AS s ON s.guild = this.guild",
        guild,
    )
    version, time_zone, suspended = rows[0]
    approvals = yield from approval_rule_rows.of_guild(guild)
    exemptions = (yield from approval_rule_rows.exemptions(guild)) if approvals else ()
    return GuildPolicy(
        guild=guild,
        version=cast("int | None", version) or 0,
        time_zone=cast("str | None", time_zone) or "UTC",
        rules=(yield from _rules(guild)),
        limits=(yield from _limits(guild)),
        age_rules=(yield from _age_rules(guild)),
        channels=(yield from _channels(guild)),
        pauses=(yield from order_pauses.of_guild(guild)),
        blocks=(yield from block_rows.of_guild(guild)),
        approvals=approvals,
        approved=frozenset((one.rule, one.member) for one in exemptions),
        suspended=cast("str | None", suspended),
        places=(yield from places(guild)),
    )


def places(guild: int) -> Operation[frozenset[int]]:
    """Return the only channels and categories in which orders are allowed; empty if they are allowed everywhere."""
    rows = yield Statement("SELECT place FROM policy_place WHERE guild = $1", guild)
    return frozenset(cast("int", place) for (place,) in rows)


def version(guild: int) -> Operation[int]:
    """Return the version of a guild's policy; 0 if nothing was ever decided."""
    rows = yield Statement("SELECT version FROM policy_guild WHERE guild = $1", guild)
    return cast("int", rows[0][0]) if rows else 0


def zone_of(guild: int) -> Operation[tzinfo]:
    """Return the time zone in which a guild's days, weeks and months begin."""
    rows = yield Statement("SELECT time_zone FROM policy_guild WHERE guild = $1", guild)
    return zone(cast("str", rows[0][0])) if rows else UTC


def bump(guild: int) -> Operation[None]:
    """Give a guild's policy a new version."""
    yield Statement(
        "INSERT INTO policy_guild (guild, version) VALUES ($1, 1) "
        "ON CONFLICT (guild) DO UPDATE SET version = policy_guild.version + 1",
        guild,
    )


def next_number(guild: int) -> Operation[int]:
    """Return a number for a new rule or limit that this guild has never used."""
    rows = yield Statement(
        "INSERT INTO policy_guild (guild, numbered) VALUES ($1, 1) "
        "ON CONFLICT (guild) DO UPDATE SET numbered = policy_guild.numbered + 1 RETURNING numbered",
        guild,
    )
    return cast("int", rows[0][0])


def set_time_zone(guild: int, time_zone: str) -> Operation[None]:
    """Set the time zone in which a guild's days, weeks and months begin."""
    yield Statement(
        "INSERT INTO policy_guild (guild, time_zone) VALUES ($1, $2) ON CONFLICT (guild) DO UPDATE SET time_zone = $2",
        guild,
        time_zone,
    )


def rule_of(row: Row) -> Rule:
    """Return the rule in a row of `number, effect, what, name, scope, subject, ceiling_mcr, until_ms, spoiler`."""
    number, effect, what, name, scope, subject, ceiling_mcr, until_ms, spoiler = row
    return Rule(
        Effect(cast("str", effect)),
        Target(What(cast("str", what)), cast("str", name)),
        RuleScope(cast("str", scope)),
        cast("int", subject),
        cast("int | None", ceiling_mcr),
        cast("int | None", until_ms),
        cast("int", number),
        bool(spoiler),
    )


def limit_of(row: Row) -> Limit:
    """Return the limit in a row of `number, kind, scope, subject, shared, amount`."""
    number, kind, scope, subject, shared, amount = row
    return Limit(
        LimitKind(cast("str", kind)),
        RuleScope(cast("str", scope)),
        cast("str", subject),
        cast("int", amount),
        bool(shared),
        cast("int", number),
    )


def _rules(guild: int) -> Operation[tuple[Rule, ...]]:
    rows = yield Statement(
        "SELECT number, effect, what, name, scope, subject, ceiling_mcr, until_ms, spoiler FROM policy_rule "
        "WHERE guild = $1 ORDER BY number",
        guild,
    )
    return tuple(rule_of(row) for row in rows)


def _limits(guild: int) -> Operation[tuple[Limit, ...]]:
    rows = yield Statement(
        "SELECT number, kind, scope, subject, shared, amount FROM policy_limit WHERE guild = $1 ORDER BY number", guild
    )
    return tuple(limit_of(row) for row in rows)


def _age_rules(guild: int) -> Operation[tuple[Target, ...]]:
    rows = yield Statement("SELECT what, name FROM policy_age WHERE guild = $1 ORDER BY what, name", guild)
    return tuple(Target(What(cast("str", what)), cast("str", name)) for what, name in rows)


def _channels(guild: int) -> Operation[dict[int, ChannelDefaults]]:
    rows = yield Statement(
        "SELECT channel, model, aspect, visibility, spoiler FROM policy_channel WHERE guild = $1", guild
    )
    found: dict[int, ChannelDefaults] = {}
    for channel, model, aspect, visibility, spoiler in rows:
        found[cast("int", channel)] = ChannelDefaults(
            cast("int", channel),
            cast("str | None", model),
            cast("str | None", aspect),
            cast("str | None", visibility),
            None if spoiler is None else bool(spoiler),
        )
    return found
