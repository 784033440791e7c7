"""Compares random grants, holds, captures, releases, replays and key conflicts with a simple model."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from bot.errors import AlreadyResolved, InsufficientCredit, KeyConflict
from bot.ledger.verify import verify
from tests.unit.ledger.held_ledger import HeldLedger
from tests.unit.ledger.memory import MemoryDatabase, finish

GUILDS = st.sampled_from([1, 2])
MEMBERS = st.sampled_from([11, 12, 13])
PAYERS = st.sampled_from([0, 11, 12, 13])
AMOUNTS = st.integers(1, 1_000) | st.integers(1, 10**15)
PARTS = st.fractions(0, 1)


@dataclass
class Standing:
    available: int = 0
    held: int = 0
    spent: int = 0


@dataclass(frozen=True)
class Held:
    guild: int
    payer: int
    amount: int
    job: str


@dataclass
class Asked:
    """A call that succeeded, to be repeated."""

    method: str
    args: tuple
    keywords: dict
    result: Any = field(compare=False)


class Books(RuleBasedStateMachine):
    asked = Bundle("asked")
    open_holds = Bundle("open_holds")
    ended_holds = Bundle("ended_holds")

    def __init__(self):
        super().__init__()
        self.database = MemoryDatabase()
        self.ledger = HeldLedger(self.database)
        self.model = defaultdict(Standing)
        self.minted = defaultdict(int)
        self.count = 0

    def teardown(self):
        self.database.close()

    def fresh(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def ask(self, method, *args, **keywords):
        result = finish(getattr(self.ledger, method)(*args, at_ms=self.count, **keywords))
        return Asked(method, args, keywords, result)

    def refused(self, source, needed, method, *args, **keywords):
        """Request more than the balance; the error must report it."""
        with pytest.raises(InsufficientCredit) as refusal:
            self.ask(method, *args, **keywords)
        assert refusal.value.facts == {
            "needed_mcr": needed,
            "available_mcr": source.available,
            "held_mcr": source.held,
        }
        return multiple()

    @initialize(target=asked)
    def begin_with_credits_for_everyone(self):
        return multiple(*(asked for guild in (1, 2) for asked in self.credits_for_everyone(guild)))

    def credits_for_everyone(self, guild):
        yield self.mint(guild, 10**6)
        for member in (11, 12, 13):
            yield self.allot_or_reclaim(guild, member, 10**5, "allot")

    @rule(target=asked, guild=GUILDS, amount=AMOUNTS)
    def mint(self, guild, amount):
        asked = self.ask("mint", guild, amount, key=self.fresh("m"), actor=1, reason="r")
        self.model[guild, 0].available += amount
        self.minted[guild] += amount
        return asked

    def move(self, method, source, target, guild, member, amount):
        call = (method, guild, member, amount)
        keywords = {"key": self.fresh(method), "actor": 1, "reason": "r"}
        if source.available < amount:
            return self.refused(source, amount, *call, **keywords)
        asked = self.ask(*call, **keywords)
        source.available -= amount
        target.available += amount
        return asked

    @rule(target=asked, guild=GUILDS, member=MEMBERS, amount=AMOUNTS, method=st.sampled_from(["allot", "reclaim"]))
    def allot_or_reclaim(self, guild, member, amount, method):
        pool, mine = self.model[guild, 0], self.model[guild, member]
        source, target = (pool, mine) if method == "allot" else (mine, pool)
        return self.move(method, source, target, guild, member, amount)

    @rule(target=open_holds, guild=GUILDS, payer=PAYERS, part=PARTS, extra=st.sampled_from([0, 0, 0, 1, 10**9]))
    def hold(self, guild, payer, part, extra):
        standing = self.model[guild, payer]
        amount = (int(standing.available * part / 2) + extra) or 1
        job = self.fresh("j")
        keywords = {"key": f"i:{job}", "job": job, "actor": payer}
        if standing.available < amount:
            return self.refused(standing, amount, "hold", guild, payer, amount, **keywords)
        self.ask("hold", guild, payer, amount, **keywords)
        standing.available -= amount
        standing.held += amount
        return Held(guild, payer, amount, job)

    def end(self, method, held, taken, *args, **keywords):
        keywords = {"key": f"{method}:{held.job}", "hold_key": f"i:{held.job}", "job": held.job}
        asked = self.ask(method, held.guild, held.payer, *args, **keywords)
        assert (asked.result.taken_mcr, asked.result.returned_mcr) == (taken, held.amount - taken)
        standing = self.model[held.guild, held.payer]
        standing.held -= held.amount
        standing.spent += taken
        standing.available += held.amount - taken
        return asked

    @rule(target=ended_holds, held=consumes(open_holds), part=PARTS | st.none())
    def settle(self, held, part):
        """Capture part of a hold, or release the hold if `part` is None."""
        if part is None:
            return held, self.end("release", held, 0)
        taken = int(held.amount * part)
        return held, self.end("capture", held, taken, taken)

    @rule(target=ended_holds, guild=GUILDS, payer=PAYERS, part=PARTS, taken=PARTS | st.none())
    def order(self, guild, payer, part, taken):
        """Hold and settle in one step, so that every run contains settlements."""
        held = self.hold(guild, payer, part, 0)
        return self.settle(held, taken) if isinstance(held, Held) else held

    @rule(held=open_holds, extra=st.integers(1, 1_000))
    def capture_too_much(self, held, extra):
        with pytest.raises(ValueError, match="cannot be taken"):
            self.end("capture", held, 0, held.amount + extra)

    @rule(ended=ended_holds, method=st.sampled_from(["capture", "release"]))
    def end_again_in_another_way(self, ended, method):
        held, _ = ended
        amounts = (held.amount,) if method == "capture" else ()
        keywords = {"key": self.fresh("x"), "hold_key": f"i:{held.job}", "job": held.job}
        with pytest.raises(AlreadyResolved):
            self.ask(method, held.guild, held.payer, *amounts, **keywords)

    def again(self, asked):
        return self.ask(asked.method, *asked.args, **asked.keywords).result

    @rule(asked=asked)
    def ask_again(self, asked):
        assert self.again(asked) == asked.result

    @rule(ended=ended_holds)
    def end_again(self, ended):
        assert self.again(ended[1]) == ended[1].result

    @rule(held=open_holds)
    def hold_again(self, held):
        result = finish(self.ledger.hold(*self.content(held), key=f"i:{held.job}", job=held.job, actor=0, at_ms=0))
        assert (result.amount_mcr, result.payer) == (held.amount, held.payer)

    def content(self, held):
        return held.guild, held.payer, held.amount

    @rule(asked=asked, extra=st.integers(1, 1_000))
    def ask_otherwise(self, asked, extra):
        *content, amount = asked.args
        with pytest.raises((KeyConflict, ValueError)):
            self.ask(asked.method, *content, amount + extra, **asked.keywords)

    @rule(held=open_holds, extra=st.integers(1, 1_000))
    def hold_otherwise(self, held, extra):
        other = Held(held.guild, held.payer, held.amount + extra, held.job)
        with pytest.raises((KeyConflict, ValueError)):
            self.ask("hold", *self.content(other), key=f"i:{held.job}", job=held.job, actor=0)

    @invariant()
    def balances_are_those_of_the_model(self):
        for (guild, payer), expected in self.model.items():
            balance = finish(self.ledger.balance(guild, payer) if payer else self.ledger.pool(guild))
            found = Standing(balance.available_mcr, balance.held_mcr, balance.spent_mcr)
            assert found == expected, (guild, payer)

    @invariant()
    def nothing_is_made_or_lost(self):
        for guild, minted in self.minted.items():
            rows = [standing for (place, _), standing in self.model.items() if place == guild]
            assert sum(each.available + each.held + each.spent for each in rows) == minted

    @invariant()
    def the_books_verify(self):
        assert finish(verify(self.database)) == ()


Books.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestBooks = Books.TestCase
