"""Statements over real orders, gifts, allowances, grants, takedowns and purchases say what happened, to the mcr."""

import csv
import io
from collections import Counter
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ledger.periods import Period
from bot.ledger.statement_csv import BOM
from bot.ledger.statements import StatementReader
from tests.invariants import assert_ledger_is_sound
from tests.present import present
from tests.unit.jobs.money.real_books import GUILD, MEMBERS, POOL, RealBooks
from tests.unit.ledger.memory import finish

ZONES = (UTC, ZoneInfo("Asia/Kolkata"), ZoneInfo("America/Havana"))
AMPLE = 10**9
STEPS = 90
FIRST, LAST = date(2026, 2, 19), date(2026, 4, 3)


def written(books, period, member=None):
    statements = StatementReader(books.database)
    if member is None:
        return finish(statements.of_guild(GUILD, period, most_csv_bytes=AMPLE))
    return finish(statements.of_member(member, GUILD, period, most_csv_bytes=AMPLE))


def within(rows, period):
    return [row for row in rows if period.from_ms <= row[0] < period.until_ms]


def total(rows, kind):
    return sum(amount for _, what, amount in rows if what == kind)


def assert_says_what_happened(books, period):
    """Compare the statement of a guild with the independent books: totals, days, models and members."""
    expected, found = books.expected, written(books, period).statement
    before = [row for row in expected.flows if row[0] < period.from_ms]
    opening = total(before, "in") - total(before, "spent") - total(before, "out")
    moved = within(expected.flows, period)
    assert found.opening.total_mcr == opening
    assert found.closing.total_mcr == opening + total(moved, "in") - total(moved, "spent") - total(moved, "out")
    closing = opening
    for line in found.days:
        rows = [row for row in moved if period.day_of(row[0]) == line.day]
        assert (line.in_mcr, line.spent_mcr, line.out_mcr) == tuple(
            total(rows, kind) for kind in ("in", "spent", "out")
        )
        closing += line.in_mcr - line.spent_mcr - line.out_mcr
        assert line.closing_mcr == closing
    for place, group in ((1, found.models), (2, found.members)):
        captured, refunded, jobs = Counter(), Counter(), Counter()
        for row in within(expected.spent, period):
            captured[row[place]] += row[3]
            refunded[row[place]] += row[4]
            jobs[row[place]] += row[3] > 0
        assert {key: (one.captured_mcr, one.captured_mcr - one.spent_mcr, one.jobs) for key, one in group} == {
            key: (captured[key], refunded[key], jobs[key]) for key in captured
        }


def assert_csv_ties(books, period, member=None):
    """Check that the rows add up from the opening to the closing row, and that the file is the same each time."""
    first = written(books, period, member)
    assert written(books, period, member).csv == first.csv
    text = present(first.csv).decode()
    assert text.startswith(BOM)
    lines = list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))
    if not lines:  # a member who never had credits has no account that could be opened
        assert (member is None, first.statement.transfers, first.statement.closing.total_mcr) == (False, 0, 0)
        return
    opening, *rows, closing = lines
    for name in ("available", "held"):
        assert int(opening[f"{name}_after_mcr"]) == getattr(first.statement.opening, f"{name}_mcr")
        assert int(closing[f"{name}_after_mcr"]) == getattr(first.statement.closing, f"{name}_mcr")
        after = int(opening[f"{name}_after_mcr"])
        for row in rows:
            after += int(row[f"{name}_mcr"])
            assert int(row[f"{name}_after_mcr"]) == after
        assert int(closing[f"{name}_after_mcr"]) == after


@given(seed=st.integers(0, 10**6), first=st.integers(0, 40), length=st.integers(0, 40), zone=st.sampled_from(ZONES))
@settings(max_examples=12, deadline=None)
def test_statement_says_what_happened(seed, first, length, zone):
    books = RealBooks(seed, STEPS)
    finish(assert_ledger_is_sound(books.database))
    begin = FIRST + timedelta(days=first)
    period = Period(begin, begin + timedelta(days=length), zone)
    assert_says_what_happened(books, period)
    for member in (None, *MEMBERS):
        assert_csv_ties(books, period, member)
    every = Period(FIRST, LAST, zone)
    assert_says_what_happened(books, every)
    closing = written(books, every).statement.closing
    held, available = books.expected.held, books.expected.available
    assert (closing.pool_mcr, closing.pool_held_mcr) == (available[POOL], held[POOL])
    for member in MEMBERS:
        theirs = written(books, every, member).statement.closing
        assert (theirs.available_mcr, theirs.held_mcr) == (available[member], held[member])
    books.database.close()


def test_same_history_gives_the_same_bytes():
    one, other = RealBooks(3, STEPS), RealBooks(3, STEPS)
    period = Period(FIRST, LAST)
    assert written(one, period).csv == written(other, period).csv
    assert one.expected == other.expected


def test_random_histories_contain_every_kind_of_action():
    """Otherwise the property above would prove less than it seems to."""
    done = sum((RealBooks(seed, STEPS).done for seed in range(8)), Counter())
    everything = {
        *("order", "succeed", "fail", "take_down", "give", "grant", "grant_from_purse", "large_grant", "decide"),
        *("expire", "reclaim", "top_up", "buy", "refund_purchase", "draw", "change_payer"),
    }
    assert {name for name, number in done.items() if number >= 3} == everything
