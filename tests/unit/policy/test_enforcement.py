"""Compares the judge's predictions with what the transaction that accepts an order enforces.

Each order is judged as `/why` and `rules test` judge it, with what was used so far; then it is admitted and held on a
real SQLite database, where the limits and the credits are conditions of writes. Prediction and enforcement must agree,
even on the reason.
"""

import random
import sqlite3
from collections import Counter as Tally
from contextlib import closing
from dataclasses import replace
from itertools import combinations_with_replacement, product

import pytest

from bot.calendar_periods import numbers_at
from bot.catalogue.order import Task
from bot.errors import Refused
from bot.ledger import keys, transfers
from bot.money import milli
from bot.policy import approval_rule_rows, guild_policy_rows, rule_rows, usage_limit_rows
from bot.policy.admission import Admission, admit
from bot.policy.applicable_limits import quotas
from bot.policy.judge import judge
from bot.policy.policy_records import Block, GuildPolicy, Limit, LimitKind, Pause, PromptFinding, Usage
from bot.storage.operation import Statement
from bot.storage.sqlite.connection import drive
from tests.new_database import write_new
from tests.unit.policy.policy_cases import (
    CHEAP,
    COSTLY,
    ELSEWHERE,
    GUILD,
    HERE,
    MEMBER,
    NOW_MS,
    OTHER,
    VIDEO,
    age_kinds,
    approval_kinds,
    ask,
    limit_kinds,
    place_kinds,
    policy_of,
    rule_kinds,
)

RULE_SETS = 2_000
STORED_EACH = 4
"""One in this many rule sets is written to the database and read again; the others are judged as they are."""

RICH_MCR = milli(10_000_000)
DAY_MS = 24 * 60 * 60 * 1_000


class Books:
    """A database without durability, in which each case starts from scratch."""

    def __init__(self, connection):
        self.connection = connection
        self.jobs = 0

    def run(self, operation):
        return drive(self.connection, operation)

    def begin(self, *balances):
        self.connection.execute("SAVEPOINT scene")
        for member, mcr in balances:
            self.run(transfers.mint(GUILD, mcr, key=f"m{member}", actor=1, reason="", at_ms=1))
            self.run(transfers.allot(GUILD, member, mcr, key=f"a{member}", actor=1, reason="", at_ms=1))

    def leave(self, member, mcr):
        """Set a balance by hand: moving the credits would take longer than what is tested."""
        self.connection.execute("UPDATE account SET available = ? WHERE kind = 'member' AND owner = ?", (mcr, member))

    def forget(self):
        self.connection.execute("ROLLBACK TO scene")
        self.connection.execute("RELEASE scene")

    def usage(self, asked, policy):
        """Return the used quotas and the member's credits, as they are read before an order."""
        counters = [quota.counter for quota in quotas(policy, asked)]
        used = self.run(usage_limit_rows.used(GUILD, counters, numbers_at(asked.at_ms, policy.zone)))
        rows = self.connection.execute(
            "SELECT available FROM account WHERE guild = ? AND kind = 'member' AND owner = ?", (GUILD, asked.member)
        ).fetchall()
        return Usage(used, available_mcr=rows[0][0] if rows else 0)

    def accept(self, asked, judged_by):
        """Admit an order and hold its credits, as when it is accepted; return the job, or the error that refuses it."""
        self.jobs += 1
        job = f"job{self.jobs}"

        def accepted():
            yield from admit(Admission(asked, judged_by), job, asked.at_ms)
            yield from transfers.hold(
                GUILD, asked.member, asked.price_mcr, key=keys.interaction(self.jobs), job=job, actor=1, at_ms=1
            )

        self.connection.execute("SAVEPOINT taking")
        try:
            self.run(accepted())
        except Refused as error:
            self.connection.execute("ROLLBACK TO taking")
            return error
        finally:
            self.connection.execute("RELEASE taking")
        return job


@pytest.fixture
def books(tmp_path):
    write_new(tmp_path / "easel.db")
    with closing(sqlite3.connect(tmp_path / "easel.db", isolation_level=None)) as connection:
        connection.execute("BEGIN")
        yield Books(connection)
        connection.execute("ROLLBACK")


def told(error):
    """Return what a refusal says, or None."""
    return (error.key, dict(error.facts)) if isinstance(error, Refused) else None


def orders():
    return [ask(), ask(), ask(VIDEO, member=OTHER, here=ELSEWHERE)]


def test_prediction_is_enforcement_for_every_pair_of_rule_kinds(books):
    every = [*rule_kinds(), *limit_kinds(), *age_kinds(), *place_kinds()]
    outcomes = Tally()
    for pair in combinations_with_replacement(every, 2):
        policy = policy_of(*dict.fromkeys(pair))
        books.begin()
        for asked in orders():
            predicted = judge(asked, policy, replace(books.usage(asked, policy), available_mcr=None)).refusal
            books.connection.execute("SAVEPOINT taking")
            try:
                books.run(admit(Admission(asked, policy), f"{books.jobs}", asked.at_ms))
                enforced = None
            except Refused as error:
                enforced = error
                books.connection.execute("ROLLBACK TO taking")
            books.connection.execute("RELEASE taking")
            books.jobs += 1
            assert told(enforced) == told(predicted), (pair, asked)
            outcomes[enforced and enforced.facts.get("rule", enforced.facts.get("limit"))] += 1
        books.forget()
    # Each kind of refusal has occurred: otherwise the comparison would say nothing about it.
    refusals = {
        "denied-by-guild",
        "denied-by-rule",
        "above-ceiling",
        "age-restricted",
        "elsewhere",
        "video",
        *LimitKind,
    }
    assert refusals | {None} <= set(outcomes)
    assert sum(outcomes.values()) == len(orders()) * len(every) * (len(every) + 1) // 2


def approval_orders():
    """Return orders of a new and of a long-standing member, with prompts that are flagged or refused."""
    flagged, refused = (PromptFinding("words", "cat", flags=flags) for flags in (True, False))
    long_here = replace(HERE, joined_ms=NOW_MS - 30 * DAY_MS)
    return [
        ask(),
        replace(ask(here=long_here), prompt_findings=(flagged,)),
        replace(ask(), prompt_findings=(refused,)),
        replace(ask(price_mcr=milli(1_000)), prompt_findings=(flagged,)),
        ask(VIDEO, member=OTHER, here=ELSEWHERE),
        ask(here=long_here),
    ]


def test_prediction_is_enforcement_for_approval_rules_with_every_other_kind(books):
    """A refusal applies even to an order that would wait, and a permission does not keep an order from waiting."""
    decided = [*rule_kinds(), *limit_kinds(), *age_kinds(), *approval_kinds()]
    others = [policy_of(one) for one in decided]
    others += [
        replace(GuildPolicy(GUILD), pauses=(Pause(Task.IMAGINE, "a contest", 1),)),
        replace(GuildPolicy(GUILD), blocks={MEMBER: Block(MEMBER, "spam")}),
    ]
    outcomes = Tally()
    for rule, other in product(approval_kinds(), others):
        rules = tuple(replace(one, number=100 + number) for number, one in enumerate((rule, *other.approvals)))
        policy = replace(other, approvals=rules)
        books.begin()
        for number, asked in enumerate(approval_orders()):
            usage = replace(books.usage(asked, policy), available_mcr=None)
            predicted, job = judge(asked, policy, usage), f"{number}"
            books.connection.execute("SAVEPOINT taking")
            try:
                enforced = books.run(admit(Admission(asked, policy), job, asked.at_ms))
            except Refused as error:
                books.connection.execute("ROLLBACK TO taking")
                enforced = error
            books.connection.execute("RELEASE taking")
            if isinstance(enforced, Refused):
                assert told(enforced) == told(predicted.refusal), (rule, other, asked)
                outcomes[enforced.facts.get("limit", enforced.key)] += 1
                continue
            assert predicted.refusal is None, (rule, other, asked)
            waits_for = predicted.waits_for and predicted.waits_for.by
            assert (waits_for,) == (enforced.approval_rules[:1] or (None,)), (rule, other, asked)
            outcomes[len(enforced.approval_rules)] += 1
            if number == 1:  # the member's first result: from now on they are not new by that measure
                books.run(usage_limit_rows.settle(job, asked.price_mcr, has_result=True))
        books.forget()
    refusals = {"not-allowed", "prompt-refused", "orders-paused", "member-blocked", *LimitKind}
    assert refusals | {0, 1, 2} <= set(outcomes), outcomes
    assert sum(outcomes.values()) == len(approval_kinds()) * len(others) * len(approval_orders())


def random_set(random):
    """Return the decisions of a guild: up to 12 rules, limits and rules about age."""
    rules = [
        replace(rule, until_ms=random.choice((None, NOW_MS - 1, NOW_MS + DAY_MS)))
        for rule in random.sample(rule_kinds(), random.randint(0, 4))
    ]
    limits = [
        replace(limit, amount=limit.amount * random.choice((0, 1, 3)))
        for limit in random.sample(limit_kinds(), random.randint(0, 6))
    ]
    places = random.sample(place_kinds(), random.choice((0, 0, 0, 1, 2)))
    return [*rules, *limits, *places, *random.sample(age_kinds(), random.choice((0, 0, 1)))]


def random_order(random):
    model = random.choice((CHEAP, CHEAP, CHEAP, COSTLY, VIDEO))
    return ask(
        model,
        member=random.choice((MEMBER, MEMBER, OTHER)),
        here=random.choice((HERE, HERE, ELSEWHERE)),
        price_mcr=model.cheapest_mcr * random.randint(1, 2),
        at_ms=NOW_MS + random.choice((0, 1_000, 61_000, DAY_MS)),
    )


def stored(books, policy):
    """Write a policy as moderators do, and return it as it is read: with a version."""
    for rule in policy.rules:
        books.run(rule_rows.set_rule(GUILD, rule, actor=1, at_ms=NOW_MS))
    for limit in policy.limits:
        books.run(rule_rows.set_limit(GUILD, limit, actor=1, at_ms=NOW_MS))
    for target in policy.age_rules:
        books.run(rule_rows.set_age_rule(GUILD, target, on=True, actor=1, at_ms=NOW_MS))
    books.run(rule_rows.set_places(GUILD, lambda _: policy.places, actor=1, at_ms=NOW_MS))
    books.run(guild_policy_rows.bump(GUILD))
    return books.run(guild_policy_rows.load(GUILD))


def test_prediction_matches_enforcement_for_generated_rule_sets(books):
    """Orders and ends of jobs alternate at random. If a policy is stored, some offers were judged before it was set."""
    chance, outcomes = random.Random(12), Tally()
    books.begin((MEMBER, RICH_MCR), (OTHER, RICH_MCR))
    for number in range(RULE_SETS):
        books.connection.execute("SAVEPOINT scene")
        if chance.random() < 0.5:
            books.leave(MEMBER, milli(1_200))
        policy = outdated = policy_of(*random_set(chance))
        if number % STORED_EACH == 0:
            policy, outdated = stored(books, policy), GuildPolicy(GUILD)
        running = []
        for _ in range(3):
            asked = random_order(chance)
            predicted = judge(asked, policy, books.usage(asked, policy)).refusal
            job = books.accept(asked, chance.choice((policy, outdated)))
            enforced = job if isinstance(job, Refused) else None
            assert (enforced and enforced.key) == (predicted and predicted.key), (policy, asked)
            if enforced is not None and enforced.key != "insufficient-credit":
                assert told(enforced) == told(predicted)
            outcomes[enforced and enforced.key] += 1
            if enforced is None:
                running.append((job, asked.price_mcr))
            if running and chance.random() < 0.5:
                ended, price_mcr = running.pop()
                books.run(usage_limit_rows.settle(ended, chance.choice((0, price_mcr // 2, price_mcr))))
        books.forget()
    assert {"not-allowed", "limit-reached", "insufficient-credit", None} <= set(outcomes)
    assert min(outcomes.values()) > RULE_SETS // 100


def counted(books):
    def rows():
        return (yield Statement("SELECT scope, subject, day_mcr, week_mcr, month_mcr, running FROM policy_usage"))

    return {row[:2]: row[2:] for row in books.run(rows())}


def test_end_of_a_job_takes_back_what_was_not_charged(books):
    books.begin((MEMBER, RICH_MCR))
    first, second = (books.accept(ask(), GuildPolicy(GUILD)) for _ in range(2))
    assert counted(books)["member", str(MEMBER)] == (*[2 * CHEAP.cheapest_mcr] * 3, 2)
    books.run(usage_limit_rows.settle(first, 0))
    books.run(usage_limit_rows.settle(second, milli(100)))
    books.run(usage_limit_rows.settle(second, milli(100)))  # a repeated end changes nothing
    assert set(counted(books).values()) == {(*[milli(100)] * 3, 0)}
    assert len(counted(books)) == 4


def test_end_of_yesterdays_job_does_not_lower_what_was_used_today(books):
    books.begin((MEMBER, RICH_MCR))
    yesterday = books.accept(ask(), GuildPolicy(GUILD))
    books.accept(ask(at_ms=NOW_MS + DAY_MS), GuildPolicy(GUILD))
    books.run(usage_limit_rows.settle(yesterday, 0))
    day, _, _, running = counted(books)["member", str(MEMBER)]
    assert (day, running) == (CHEAP.cheapest_mcr, 1)


def test_clock_set_back_does_not_begin_a_new_period(books):
    books.begin((MEMBER, RICH_MCR))
    policy = replace(policy_of(Limit(LimitKind.DAY, limit_kinds()[0].scope, "", milli(500))), version=0)
    books.accept(ask(), policy)
    assert isinstance(books.accept(ask(at_ms=NOW_MS - DAY_MS), policy), Refused)
    assert not isinstance(books.accept(ask(at_ms=NOW_MS + DAY_MS), policy), Refused)


def test_prediction_is_enforcement_for_generated_approval_rules(books):
    """Some orders end, with or without a result. Some policies are stored, and exempt a member from a rule."""
    chance, waits = random.Random(36), Tally()
    finding = PromptFinding("words", "cat", flags=True)
    for number in range(RULE_SETS // 4):
        books.begin((MEMBER, RICH_MCR), (OTHER, RICH_MCR))
        rules = chance.sample(approval_kinds(), chance.randint(0, 3))
        policy = outdated = policy_of(*rules)
        if number % STORED_EACH == 0:
            numbers = [books.run(approval_rule_rows.add(GUILD, rule, actor=1, at_ms=NOW_MS)) for rule in rules]
            for one in numbers[:1]:
                books.run(approval_rule_rows.exempt(GUILD, one, OTHER, actor=1, at_ms=NOW_MS))
            books.run(guild_policy_rows.bump(GUILD))
            policy, outdated = books.run(guild_policy_rows.load(GUILD)), GuildPolicy(GUILD)
            assert len(policy.approvals) == len(rules)
        for _ in range(3):
            joined_ms = chance.choice((None, NOW_MS - 30 * DAY_MS))
            asked = ask(member=chance.choice((MEMBER, OTHER)), here=replace(HERE, joined_ms=joined_ms))
            price_mcr = chance.choice((milli(500), milli(1_000)))
            asked = replace(asked, price_mcr=price_mcr, prompt_findings=chance.choice(((), (finding,))))
            predicted = judge(asked, policy, books.usage(asked, policy)).waits_for
            books.jobs += 1
            job = f"job{books.jobs}"
            found = books.run(
                admit(Admission(asked, chance.choice((policy, outdated))), job, asked.at_ms)
            ).approval_rules
            assert (predicted and predicted.by) == (found[0] if found else None), (policy, asked)
            waits[predicted is not None] += 1
            if chance.random() < 0.5:
                books.run(usage_limit_rows.settle(job, price_mcr, has_result=chance.random() < 0.8))
        books.forget()
    assert min(waits[True], waits[False]) > RULE_SETS // 10
