"""Turns a statement into the lines of a card, and into the alt text of its chart."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from bot.chat.texts.escaping import plain, tidy
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import mention
from bot.ledger.account_statement import AccountStatement, Flow, Spending, Standing
from bot.ledger.movements import Cause
from bot.money import show

LISTED = 6
"""The most models, members or servers that a card lists."""

NAME_CHARACTERS = 40
NOTHING = Flow()

OF_JOBS = (Cause.HOLD, Cause.RELEASE)


class StatementScope(StrEnum):
    """The scope of a statement: a member, a server, or all servers."""

    MEMBER = "member"
    GUILD = "guild"
    ALL = "all"


def lines(
    statement: AccountStatement, scope: StatementScope, say: Speech, name_of_guild: Callable[[int], str]
) -> list[str]:
    """Return the lines of a statement: from the opening to the closing balance, and what the credits were spent on."""
    return [
        say("statement-opening", amount=_amount(statement.opening), parts=_parts(statement.opening, scope, say)),
        *(_flows(statement, say) if statement.transfers else [say("statement-nothing")]),
        say("statement-closing", amount=_amount(statement.closing), parts=_parts(statement.closing, scope, say)),
        *_inside(statement, say),
        *_breakdowns(statement, scope, say, name_of_guild),
    ]


def alt_text(statement: AccountStatement, say: Speech, limit: int) -> str:
    """Return a description of the chart in words and figures."""
    came = sum(day.in_mcr for day in statement.days)
    spent = sum(day.spent_mcr for day in statement.days)
    went = sum(day.out_mcr for day in statement.days)
    facts = {
        "first": statement.period.first.isoformat(),
        "last": statement.period.last.isoformat(),
        "opening": _amount(statement.opening),
        "came": show(came),
        "spent": show(spent),
        "went": show(went),
        "closing": _amount(statement.closing),
    }
    parts = [say("statement-alt", **facts)]
    most = max(statement.days, key=lambda day: (day.spent_mcr, day.day))
    if most.spent_mcr:
        parts.append(say("statement-alt-day", day=most.day.isoformat(), amount=show(most.spent_mcr)))
    if statement.models:
        spending = say("comma").join(f"{_model(name)} {show(of.spent_mcr)}" for name, of in statement.models[:LISTED])
        parts.append(say("statement-alt-models", models=spending))
    return tidy(" ".join(parts), limit)


def charted_models(statement: AccountStatement) -> list[tuple[str, int]]:
    """Return the models with the most spending. Refunds can make an amount negative, which no bar can show."""
    found = [(_model(name), spending.spent_mcr) for name, spending in statement.models[:LISTED]]
    return [(name, spent) for name, spent in found if spent > 0]


def _flows(statement: AccountStatement, say: Speech) -> Iterator[str]:
    for cause, flow in statement.flows.items():
        facts = {"cause": say(f"cause-{cause.value}"), "jobs": _jobs(statement) if cause is Cause.CAPTURE else 0}
        if flow.in_mcr:
            yield say("statement-in", amount=show(flow.in_mcr), **facts)
        if flow.out_mcr:
            yield say("statement-out", amount=show(flow.out_mcr), **facts)


def _inside(statement: AccountStatement, say: Speech) -> Iterator[str]:
    """List the credits that only moved: between the accounts of a server, or between available and held."""
    inside = [
        say("statement-moved-one", cause=say(f"cause-{cause.value}"), amount=show(flow.moved_mcr))
        for cause, flow in statement.flows.items()
        if flow.moved_mcr and cause not in OF_JOBS
    ]
    if inside:
        yield say("statement-moved", moves=say("comma").join(inside))
    held, captured, released = (
        statement.flows.get(cause, NOTHING) for cause in (Cause.HOLD, Cause.CAPTURE, Cause.RELEASE)
    )
    if held.moved_mcr or captured.out_mcr or released.moved_mcr:
        facts = {"held": held.moved_mcr, "captured": captured.out_mcr, "released": released.moved_mcr}
        yield say("statement-holds", **{name: show(amount) for name, amount in facts.items()})


def _breakdowns(
    statement: AccountStatement, scope: StatementScope, say: Speech, name_of_guild: Callable[[int], str]
) -> Iterator[str]:
    groups: list[tuple[str, Sequence[tuple[str, Spending]]]] = [
        ("statement-by-model", [(plain(_model(name), NAME_CHARACTERS), of) for name, of in statement.models])
    ]
    if scope is not StatementScope.MEMBER:
        members = [(mention(member, say) if member else say("statement-pool"), of) for member, of in statement.members]
        groups.append(("statement-by-member", members))
    if len(statement.guilds) > 1 or scope is StatementScope.ALL:
        guilds = [(plain(name_of_guild(guild), NAME_CHARACTERS), of) for guild, of in statement.guilds]
        groups.append(("statement-by-guild", guilds))
    for key, found in groups:
        if found:
            yield f"\n{say(key)}"
            yield from (_spending(name, of, say) for name, of in found[:LISTED])
            if len(found) > LISTED:
                yield say("and-more", count=len(found) - LISTED)


def _spending(name: str, of: Spending, say: Speech) -> str:
    return say("statement-spending", name=name, amount=show(of.spent_mcr), jobs=of.jobs)


def _parts(standing: Standing, scope: StatementScope, say: Speech) -> str:
    """Return the parts of a balance that are worth showing separately, or an empty string."""
    parts: list[str] = []
    if scope is not StatementScope.MEMBER:
        pool, members = standing.pool_mcr + standing.pool_held_mcr, standing.members_mcr + standing.members_held_mcr
        parts += [say("statement-part-pool", amount=show(pool)), say("statement-part-members", amount=show(members))]
    if standing.held_mcr:
        parts.append(say("statement-part-held", amount=show(standing.held_mcr)))
    return say("statement-parts", parts=say("comma").join(parts)) if parts else ""


def _jobs(statement: AccountStatement) -> int:
    return sum(spending.jobs for _, spending in statement.models)


def _amount(standing: Standing) -> str:
    return show(standing.total_mcr)


def _model(name: str) -> str:
    return name.rpartition("/")[2]
