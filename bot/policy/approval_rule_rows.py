"""The SQL of the rules that make orders wait for a moderator, and of members exempt from them. Changes are audited."""

from dataclasses import dataclass
from typing import cast

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange, State
from bot.policy import guild_policy_rows
from bot.policy.policy_records import ApprovalRule, Target, What
from bot.storage.operation import Operation, Row, Statement

# ruff: noqa: S608 - only constants of this module are put into SQL texts
_COLUMNS = "number, what, name, above_mcr, newer_than_days, fewer_than_jobs, flagged"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A member whose orders a rule no longer holds up, and the moderator who decided that."""

    rule: int
    member: int
    actor: int
    at_ms: int


def of_guild(guild: int) -> Operation[tuple[ApprovalRule, ...]]:
    """Return the rules of a guild in the order of their numbers."""
    rows = yield Statement(f"SELECT {_COLUMNS} FROM approval_rule WHERE guild = $1 ORDER BY number", guild)
    return tuple(map(_rule, rows))


def add(guild: int, rule: ApprovalRule, *, actor: int, at_ms: int) -> Operation[int]:
    """Add a rule and return its number; if the same rule already exists, return its number."""
    for known in (yield from of_guild(guild)):
        if _state(known) == _state(rule):
            return known.number
    number = yield from guild_policy_rows.next_number(guild)
    yield Statement(
        f"INSERT INTO approval_rule (guild, {_COLUMNS}, actor, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        *(guild, number, rule.target.what, rule.target.name, rule.above_mcr, rule.newer_than_days),
        *(rule.fewer_than_jobs, int(rule.flagged), actor, at_ms),
    )
    yield from audit_rows.write(AuditedChange(guild, actor, "approvals.add", str(number), None, _state(rule), at_ms))
    return number


def remove(guild: int, number: int, *, actor: int, at_ms: int) -> Operation[ApprovalRule | None]:
    """Remove a rule and its exemptions, and return the rule; None if there is none with this number."""
    rows = yield Statement(
        f"DELETE FROM approval_rule WHERE guild = $1 AND number = $2 RETURNING {_COLUMNS}", guild, number
    )
    if not rows:
        return None
    rule = _rule(rows[0])
    yield from audit_rows.write(AuditedChange(guild, actor, "approvals.remove", str(number), _state(rule), None, at_ms))
    return rule


def exemptions(guild: int) -> Operation[tuple[Exemption, ...]]:
    """Return the exempt members of a guild's rules, in the order of the rules."""
    rows = yield Statement(
        "SELECT rule, member, actor, at_ms FROM approval_exemption WHERE guild = $1 ORDER BY rule, at_ms, member", guild
    )
    return tuple(Exemption(*cast("tuple[int, int, int, int]", tuple(row))) for row in rows)


def exempt(guild: int, rule: int, member: int, *, actor: int, at_ms: int) -> Operation[None]:
    """Exempt a member from an approval rule, if the rule still exists."""
    rows = yield Statement(
        "INSERT INTO approval_exemption (guild, rule, member, actor, at_ms) SELECT guild, number, $3, $4, $5 "
        "FROM approval_rule WHERE guild = $1 AND number = $2 ON CONFLICT (guild, rule, member) DO NOTHING "
        "RETURNING rule",
        *(guild, rule, member, actor, at_ms),
    )
    if rows:
        after = {"member": str(member)}
        yield from audit_rows.write(AuditedChange(guild, actor, "approvals.always", str(rule), None, after, at_ms))


def end_exemptions(guild: int, member: int, *, actor: int, at_ms: int) -> Operation[int]:
    """End all exemptions of a member, and return how many there were."""
    rows = yield Statement(
        "DELETE FROM approval_exemption WHERE guild = $1 AND member = $2 RETURNING rule", guild, member
    )
    for (rule,) in rows:
        before = {"member": str(member)}
        yield from audit_rows.write(AuditedChange(guild, actor, "approvals.revoke", str(rule), before, None, at_ms))
    return len(rows)


def _state(rule: ApprovalRule) -> State:
    """Return a rule as it is audited, without its number."""
    return {
        "what": rule.target.what.value,
        "name": rule.target.name,
        "above_mcr": rule.above_mcr,
        "newer_than_days": rule.newer_than_days,
        "fewer_than_jobs": rule.fewer_than_jobs,
        "flagged": rule.flagged,
    }


def _rule(row: Row) -> ApprovalRule:
    number, what, name, above_mcr, days, jobs, flagged = row
    return ApprovalRule(
        Target(What(cast("str", what)), cast("str", name)),
        cast("int | None", above_mcr),
        cast("int | None", days),
        cast("int | None", jobs),
        bool(flagged),
        cast("int", number),
    )
