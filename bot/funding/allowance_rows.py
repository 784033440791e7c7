"""The SQL of allowances, and the operations that draw them.

A share is drawn at most once: the row for its rule, member and period is claimed before anything moves, and its key in
the ledger has the same parts. If the row already exists, nothing is drawn, regardless of the clock.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import cast

from bot.calendar_periods import Every
from bot.funding.allowances import Allowance, DueRules, How, Share, shares
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.ledger import keys, queries, transfers
from bot.ledger.ledger_records import Balance
from bot.money import show
from bot.policy import guild_policy_rows
from bot.storage.operation import Operation, Row, Statement, select_in

_COLUMNS = "id, guild, role, amount, every, how, reason, at_ms"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A member of a guild with the ids of their roles. It is never a bot: bots place no orders."""

    guild: int
    member: int
    roles: frozenset[int] = frozenset()


def put(rule: Allowance, actor: int) -> Operation[Allowance]:
    """Store a rule, or change the amount of the rule that its role already has; the `id` of the argument is ignored.

    A rule that was removed comes back with its old id, so that removing and adding it does not give anyone its share
    again. A one-time grant to a role is always a new rule.
    """
    if rule.every is not Every.ONCE:
        rows = yield Statement(
            f"UPDATE allowance SET amount = $5, actor = $6, removed_ms = NULL"  # noqa: S608 - constants
            f" WHERE guild = $1 AND role = $2 AND every = $3 AND how = $4 RETURNING {_COLUMNS}",
            *(rule.guild, rule.role, rule.every, rule.how, rule.amount_mcr, actor),
        )
        if rows:
            return _allowance(rows[0])
    rows = yield Statement(
        "INSERT INTO allowance (guild, role, amount, every, how, reason, actor, at_ms)"  # noqa: S608 - constants
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {_COLUMNS}",
        *(rule.guild, rule.role, rule.amount_mcr, rule.every, rule.how, rule.reason, actor, rule.since_ms),
    )
    return _allowance(rows[0])


def of_kind(guild: int, role: int, every: Every, how: How) -> Operation[Allowance | None]:
    """Return a role's rule with this cadence and effect; None if there is none."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM allowance WHERE guild = $1 AND role = $2 AND every = $3 AND how = $4"  # noqa: S608 - constants
        " AND removed_ms IS NULL",
        *(guild, role, every, how),
    )
    return _allowance(rows[0]) if rows else None


def remove(guild: int, rule: int, at_ms: int) -> Operation[Allowance | None]:
    """Remove a rule and return it; None if no rule has this id."""
    rows = yield Statement(
        "UPDATE allowance SET removed_ms = $3 WHERE guild = $1 AND id = $2 AND removed_ms IS NULL"  # noqa: S608 - constants
        f" RETURNING {_COLUMNS}",
        *(guild, rule, at_ms),
    )
    return _allowance(rows[0]) if rows else None


def of_guild(guild: int) -> Operation[tuple[Allowance, ...]]:
    """Return the rules of a guild, oldest first."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM allowance WHERE guild = $1 AND removed_ms IS NULL ORDER BY id",  # noqa: S608 - constants
        guild,
    )
    return tuple(_allowance(row) for row in rows)


def draw(recipient: Recipient, at_ms: int) -> Operation[tuple[Share, ...]]:
    """Give a member all shares that are due to them now, and return those shares."""
    rules = yield from _rules_of(recipient)
    if not rules:
        return ()
    zone = yield from guild_policy_rows.zone_of(recipient.guild)
    claimed: set[int] = set()
    for rule in rules:
        if (yield from _claim(rule, recipient.member, at_ms, zone)):
            claimed.add(rule.id)
    if not claimed:
        return ()
    balance = yield from queries.balance(recipient.guild, recipient.member)
    pool_mcr = yield from _locked_pool(recipient.guild)
    drawn = shares(DueRules(rules, zone, claimed), balance.available_mcr, pool_mcr, at_ms)
    for share in drawn:
        yield from _give(share, recipient.member, at_ms)
        if share.is_short:
            yield from _tell_short(share, at_ms)
    return drawn


def predict(recipient: Recipient, at_ms: int) -> Operation[tuple[Balance, tuple[Share, ...]]]:
    """Return a member's balance and the shares that they would draw now, without drawing them."""
    balance = yield from queries.balance(recipient.guild, recipient.member)
    rules = yield from _rules_of(recipient)
    if not rules:
        return balance, ()
    zone = yield from guild_policy_rows.zone_of(recipient.guild)
    rows = yield from select_in(
        "SELECT rule, period FROM allowance_draw WHERE member = $1 AND rule IN ({keys})",
        [rule.id for rule in rules],
        recipient.member,
    )
    drawn = set(cast("list[tuple[int, str]]", rows))
    undrawn = {rule.id for rule in rules if (rule.id, rule.period_at(at_ms, zone)) not in drawn}
    pool = yield from queries.balance(recipient.guild, 0)
    return balance, shares(DueRules(rules, zone, undrawn), balance.available_mcr, pool.available_mcr, at_ms)


def keep_claims(member: int, pseudonym: int, since_month: str) -> Operation[None]:
    """Keep a renamed member from drawing a one-time share again, or a monthly share of `since_month` or later.

    The rows written here have neither an amount nor a time, which marks them.
    """
    yield Statement(
        "INSERT INTO allowance_draw (rule, member, period, amount, at_ms)"
        " SELECT d.rule, CAST($1 AS BIGINT), d.period, 0, 0"
        " FROM allowance_draw AS d JOIN allowance AS a ON a.id = d.rule"
        " WHERE d.member = $2 AND (a.every = 'once' OR (a.every = 'month' AND d.period >= $3))"
        " ON CONFLICT (rule, member, period) DO NOTHING",
        *(member, pseudonym, since_month),
    )
    # Earlier rows of this kind, which were renamed too, are obsolete, and so are those of past months of all members.
    yield Statement("DELETE FROM allowance_draw WHERE member = $1 AND at_ms = 0 AND amount = 0", pseudonym)
    yield Statement("DELETE FROM allowance_draw WHERE at_ms = 0 AND amount = 0 AND period < $1", since_month)


def _rules_of(recipient: Recipient) -> Operation[tuple[Allowance, ...]]:
    if not recipient.roles:
        return ()
    rows = yield from select_in(
        f"SELECT {_COLUMNS} FROM allowance WHERE guild = $1 AND removed_ms IS NULL AND role IN ({{keys}}) ORDER BY id",  # noqa: S608 - constants
        recipient.roles,
        recipient.guild,
    )
    return tuple(_allowance(row) for row in rows)


def _claim(rule: Allowance, member: int, at_ms: int, zone: tzinfo) -> Operation[bool]:
    """Claim a member's share, and return whether it was still unclaimed."""
    rows = yield Statement(
        "INSERT INTO allowance_draw (rule, member, period, amount, at_ms) VALUES ($1, $2, $3, 0, $4)"
        " ON CONFLICT (rule, member, period) DO NOTHING RETURNING rule",
        *(rule.id, member, rule.period_at(at_ms, zone), at_ms),
    )
    return bool(rows)


def _locked_pool(guild: int) -> Operation[int]:
    """Return a pool's credits. The write keeps other transactions from taking them before this one ends."""
    rows = yield Statement(
        "UPDATE account SET available = available WHERE guild = $1 AND kind = 'pool' AND owner = 0 RETURNING available",
        guild,
    )
    return cast("int", rows[0][0]) if rows else 0


def _give(share: Share, member: int, at_ms: int) -> Operation[None]:
    rule, claimed = share.rule, (share.rule.id, member, share.period)
    if not share.is_over:
        yield Statement("DELETE FROM allowance_draw WHERE rule = $1 AND member = $2 AND period = $3", *claimed)
        return
    if not share.given_mcr:
        return
    yield Statement(
        "UPDATE allowance_draw SET amount = $4 WHERE rule = $1 AND member = $2 AND period = $3",
        *(*claimed, share.given_mcr),
    )
    yield from transfers.allot(
        rule.guild,
        member,
        share.given_mcr,
        key=keys.allowance(rule.id, member, share.period),
        actor=0,
        reason=rule.reason or f"allowance {rule.id}",
        at_ms=at_ms,
    )


def _tell_short(share: Share, at_ms: int) -> Operation[None]:
    """Tell the log channel that the pool is too small: once for each rule and period, not for each member."""
    rule = share.rule
    facts = {"number": str(rule.id), "role": str(rule.role), "amount": show(rule.amount_mcr), "every": rule.every.value}
    yield from log_entries.write_once(rule.guild, LogKind.ALLOWANCE_SHORT, f"{rule.id}:{share.period}", facts, at_ms)


def _allowance(row: Row) -> Allowance:
    number, guild, role, amount, every, how, reason, at_ms = row
    return Allowance(
        *cast("tuple[int, int, int, int]", (number, guild, role, amount)),
        Every(cast("str", every)),
        How(cast("str", how)),
        cast("str", reason),
        cast("int", at_ms),
    )
