"""Tests in which 64 orders compete for one limit on the real driver: exactly as many are accepted as it allows."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.errors import LimitReached
from bot.ledger import keys, transfers
from bot.policy.admission import Admission, admit
from bot.policy.policy_records import GuildPolicy, LimitKind, RuleScope
from bot.storage.operation import Statement
from tests.new_database import open_new
from tests.unit.policy.policy_cases import CHEAP, GUILD, MEMBER, ask, limit_kinds, policy_of

pytestmark = pytest.mark.usefixtures("each_driver")

ORDERS, FIT = 64, 10
PRICE = CHEAP.cheapest_mcr
AMOUNTS = {
    LimitKind.CONCURRENT: FIT,
    LimitKind.JOB: PRICE - 1,
    LimitKind.DAY: FIT * PRICE + 1,
    LimitKind.WEEK: FIT * PRICE + 1,
    LimitKind.MONTH: FIT * PRICE + 1,
    LimitKind.COOLDOWN: 60,
}
ACCEPTED = {**dict.fromkeys(LimitKind, FIT), LimitKind.JOB: 0, LimitKind.COOLDOWN: 1}
"""How many of the orders a limit of each kind lets through."""


@pytest.fixture
async def database(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    yield database
    await database.close()


def accepted(asked, policy, number):
    """Return the operation that accepts an order: it is admitted, and its credits are held."""

    def operation():
        yield from admit(Admission(asked, policy), f"job{number}", asked.at_ms)
        yield from transfers.hold(
            GUILD, asked.member, asked.price_mcr, key=keys.interaction(number), job=f"job{number}", actor=1, at_ms=1
        )

    return operation


async def credits_for(database, *members):
    def given():
        for member in members:
            yield from transfers.mint(GUILD, ORDERS * PRICE, key=f"m{member}", actor=1, reason="", at_ms=1)
            yield from transfers.allot(GUILD, member, ORDERS * PRICE, key=f"a{member}", actor=1, reason="", at_ms=1)

    await database.run(given)


@pytest.mark.parametrize(
    "limit", limit_kinds(), ids=lambda limit: f"{limit.kind}-{'shared' if limit.shared else 'each'}-{limit.scope}"
)
async def test_64_orders_at_once_never_exceed_a_limit(database, limit):
    policy = policy_of(replace(limit, amount=AMOUNTS[limit.kind]))
    members = range(MEMBER, MEMBER + 4) if limit.shared else [MEMBER]
    await credits_for(database, *members)
    results = await asyncio.gather(
        *(
            database.run(accepted(ask(member=members[number % len(members)]), policy, number))
            for number in range(ORDERS)
        ),
        return_exceptions=True,
    )
    kinds = Counter(type(result) for result in results)
    fit = ACCEPTED[limit.kind]
    assert kinds == {**({type(None): fit} if fit else {}), LimitReached: ORDERS - fit}

    def running():
        return (
            yield Statement(
                "SELECT day_mcr, running, (SELECT count(*) FROM transfer WHERE kind = 'pending') FROM policy_usage"
                " WHERE scope = 'server'"
            )
        )

    assert await database.read(running) == ([(fit * PRICE, fit, fit)] if fit else [])


async def test_limit_changed_after_the_offers_counts_for_all_of_them(database):
    """All 64 offers were judged without a limit; the transaction notices the new version and obeys it."""
    day = next(one for one in limit_kinds() if one.kind is LimitKind.DAY and one.scope is RuleScope.MEMBER)

    def decide():
        yield Statement("INSERT INTO policy_guild (guild, version) VALUES ($1, 1)", GUILD)
        yield Statement(
            "INSERT INTO policy_limit (guild, number, kind, scope, subject, shared, amount, actor, at_ms)"
            " VALUES ($1, 1, 'day', 'member', $2, 0, $3, 1, 1)",
            *(GUILD, day.subject, FIT * PRICE),
        )

    await credits_for(database, MEMBER)
    await database.run(decide)
    results = await asyncio.gather(
        *(database.run(accepted(ask(), GuildPolicy(GUILD), number)) for number in range(ORDERS)), return_exceptions=True
    )
    assert Counter(type(result) for result in results) == {type(None): FIT, LimitReached: ORDERS - FIT}
