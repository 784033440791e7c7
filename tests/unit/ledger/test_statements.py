"""Random months of a ledger: each statement has to agree with it, to the milli-credit, in every scope."""

import csv
import io
import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import InsufficientCredit
from bot.ledger import keys, queries, transfer_pages, transfers
from bot.ledger.account_statement import Flow, Spending
from bot.ledger.fingerprint import Content, Note, Side
from bot.ledger.ledger_records import Account, TransferKind
from bot.ledger.movements import Cause
from bot.ledger.periods import Period
from bot.ledger.statement_csv import BOM, COLUMNS, as_cell
from bot.ledger.statements import StatementReader
from tests.present import present
from tests.unit.ledger.memory import MemoryDatabase, finish

GUILDS, MEMBERS = (1, 2), (11, 12, 13)
AMPLE = 10**9
ZONES = (UTC, ZoneInfo("Asia/Kolkata"), ZoneInfo("America/Havana"), ZoneInfo("Pacific/Auckland"))
BEGIN = datetime(2026, 2, 20, tzinfo=UTC)
SPAN_MS = 60 * 24 * 3_600_000
FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"
REASONS = (
    *("", "thanks", "=1+1", "谢谢", 'a "b"; =2', "-5", "'x", "two\nlines", "back\\slash", "\ttab", " @x"),
    *(f"{sign}1" for sign in FULL_WIDTH),
)


class Books:
    """A ledger in which a seed decides what happens."""

    def __init__(self, seed: int, steps: int) -> None:
        self.random = random.Random(seed)
        self.database = MemoryDatabase()
        self.count, self.steps = 0, max(steps, 1)
        self.open: list[tuple[int, int, int, str]] = []
        self.captured: list[tuple[int, int, int, str]] = []
        self.pending: list[tuple[int, int, int, int]] = []
        for guild in GUILDS:
            self.write(transfers.mint(guild, 10**6, key=keys.new_guild(guild), **self.note()))
        for _ in range(steps):
            try:
                self.step()
            except InsufficientCredit:
                continue

    def note(self) -> dict:
        """Return a transfer's note. Times may go back by seconds: they are taken before transfers are written."""
        at_ms = round(BEGIN.timestamp() * 1_000) + SPAN_MS * self.count // self.steps + self.random.randrange(5_000)
        return {"actor": 99, "reason": self.random.choice(REASONS), "at_ms": at_ms}

    def write(self, operation):
        return finish(self.database.run(lambda: operation))

    def direct(self, guild, debit, credit, amount, key):
        content = Content(guild, TransferKind.DIRECT, debit, credit, amount)
        self.write(transfers._direct(content, key, Note(**self.note())))

    def step(self) -> None:
        self.count += 1
        guild, member, other = self.random.choice(GUILDS), *self.random.sample(MEMBERS, 2)
        amount = self.random.randrange(1, 50_000)
        key, at = keys.interaction(self.count), self.note()
        match self.random.randrange(12):
            case 0:
                self.write(transfers.mint(guild, amount, key=key, **at))
            case 1 | 2:
                self.write(transfers.allot(guild, member, amount, key=key, **at))
            case 3:
                self.write(
                    transfers.allot(guild, member, amount, key=keys.allowance(self.count, member, "2026-03"), **at)
                )
            case 4:
                self.write(transfers.reclaim(guild, member, amount, key=key, **at))
            case 5:
                gift = keys.gift(self.count)
                self.direct(guild, Side(Account.MEMBER, member), Side(Account.MEMBER, other), amount, gift)
            case 6 | 7 | 8:
                payer, job = self.random.choice((0, member)), f"j{self.count}"
                hold = {"key": key, "job": job, "actor": member, "at_ms": at["at_ms"], "reason": "owner/model-1"}
                self.write(transfers.hold(guild, payer, amount, **hold))
                self.open.append((guild, payer, amount, job))
            case 9 if self.open:
                guild, payer, amount, job = self.open.pop(self.random.randrange(len(self.open)))
                hold = {"hold_key": f"i:{job[1:]}", "job": job, "at_ms": at["at_ms"]}
                taken = self.random.choice((amount, self.random.randrange(amount) + 1))
                self.write(transfers.capture(guild, payer, taken, key=keys.capture(job), **hold))
                self.captured.append((guild, payer, taken, job))
            case 10 if self.open:
                guild, payer, amount, job = self.open.pop()
                self.write(
                    transfers.release(
                        guild, payer, key=keys.release(job), hold_key=f"i:{job[1:]}", job=job, at_ms=at["at_ms"]
                    )
                )
            case 11 if self.captured:
                guild, payer, taken, job = self.captured.pop()
                content = Content(
                    guild, TransferKind.DIRECT, Side(Account.SPENT, payer), transfers._payer(payer), taken, job=job
                )
                self.write(transfers._direct(content, keys.refund(job, "takedown"), Note(**at)))

    def statement(self, period, *, guild=None, member=None, most=AMPLE):
        statements = StatementReader(self.database)
        if member is not None:
            return finish(statements.of_member(member, guild, period, most_csv_bytes=most))
        if guild is not None:
            return finish(statements.of_guild(guild, period, most_csv_bytes=most))
        return finish(statements.of_all_guilds(period, most_csv_bytes=most))

    def balance(self, guild, payer):
        return finish(self.database.read(lambda: queries.balance(guild, payer)))


def from_cell(cell: str) -> str:
    """Undo `as_cell`, as its docstring describes."""
    escaped = cell.removeprefix("'")
    return re.sub(r"\\(\\|u([0-9a-f]{4}))", lambda found: chr(int(found[2], 16)) if found[2] else "\\", escaped)


def read(content: bytes | None) -> list[dict[str, str]]:
    text = present(content).decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def assert_rows_tie(rows: list[dict[str, str]], statement) -> None:
    """Check for each server that opening + changes = closing, and that all servers add up to the statement."""
    opening, closing = Counter(), Counter()
    for server in dict.fromkeys(row["server"] for row in rows):
        first, *changes, last = [row for row in rows if row["server"] == server]
        assert (first["cause"], last["cause"]) == ("opening", "closing")
        for name in ("available", "held"):
            moved = sum(int(row[f"{name}_mcr"]) for row in changes)
            assert int(first[f"{name}_after_mcr"]) + moved == int(last[f"{name}_after_mcr"])
            opening[name] += int(first[f"{name}_after_mcr"])
            closing[name] += int(last[f"{name}_after_mcr"])
    assert (opening["available"], opening["held"]) == (statement.opening.available_mcr, statement.opening.held_mcr)
    assert (closing["available"], closing["held"]) == (statement.closing.available_mcr, statement.closing.held_mcr)


def assert_adds_up(statement) -> None:
    flows = statement.flows.values()
    net = sum(flow.in_mcr - flow.out_mcr for flow in flows)
    assert statement.opening.total_mcr + net == statement.closing.total_mcr
    assert statement.days[-1].closing_mcr == statement.closing.total_mcr
    assert sum(day.in_mcr - day.spent_mcr - day.out_mcr for day in statement.days) == net
    captured = statement.flows.get(Cause.CAPTURE, Flow()).out_mcr
    refunded = statement.flows.get(Cause.REFUND, Flow()).in_mcr
    for group in (statement.models, statement.members, statement.guilds):
        assert sum(spending.spent_mcr for _, spending in group) == captured - refunded
        assert sum(spending.captured_mcr for _, spending in group) == captured


@given(seed=st.integers(0, 10**6), first=st.integers(0, 55), length=st.integers(0, 40), zone=st.sampled_from(ZONES))
@settings(max_examples=25, deadline=None)
def test_every_statement_agrees_with_the_ledger_in_every_scope(seed, first, length, zone):
    books = Books(seed, 60)
    begin = BEGIN.date() + timedelta(days=first - 2)
    period = Period(begin, begin + timedelta(days=length), zone)
    every = books.statement(period)
    of_guilds = [books.statement(period, guild=guild) for guild in GUILDS]
    of_members = [books.statement(period, guild=guild, member=member) for guild in GUILDS for member in MEMBERS]
    for written in (every, *of_guilds, *of_members):
        assert_adds_up(written.statement)
        assert_rows_tie(read(written.csv), written.statement)
    for part in ("opening", "closing"):
        totals = [getattr(written.statement, part) for written in of_guilds]
        assert getattr(every.statement, part).total_mcr == sum(total.total_mcr for total in totals)
        members = [getattr(written.statement, part) for written in of_members]
        assert getattr(every.statement, part).members_mcr == sum(one.members_mcr for one in members)
        assert getattr(every.statement, part).members_held_mcr == sum(one.members_held_mcr for one in members)
    for member in MEMBERS:
        everywhere = books.statement(period, member=member).statement
        here = [books.statement(period, guild=guild, member=member).statement for guild in GUILDS]
        assert everywhere.closing.total_mcr == sum(one.closing.total_mcr for one in here)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_statement_of_all_time_ends_with_the_ledgers_balances(seed):
    books = Books(seed, 80)
    period = Period(date(2026, 2, 1), date(2026, 5, 31))
    for guild in GUILDS:
        statement = books.statement(period, guild=guild).statement
        pool = books.balance(guild, 0)
        assert statement.opening.total_mcr == 0
        assert (statement.closing.pool_mcr, statement.closing.pool_held_mcr) == (pool.available_mcr, pool.held_mcr)
        for member in MEMBERS:
            theirs, balance = books.statement(period, guild=guild, member=member), books.balance(guild, member)
            closing = theirs.statement.closing
            assert (closing.available_mcr, closing.held_mcr) == (balance.available_mcr, balance.held_mcr)


def test_adjacent_periods_meet():
    books = Books(4, 200)
    months = [Period(date(2026, 2, 1), date(2026, 2, 28)), Period(date(2026, 3, 1), date(2026, 3, 31))]
    first, second = (books.statement(month, guild=1).statement for month in months)
    assert first.closing == second.opening
    assert first.closing.total_mcr > 0


def test_pages_neither_lose_nor_repeat_transfers(monkeypatch):
    books = Books(5, 300)
    period = Period(date(2026, 2, 1), date(2026, 5, 31))
    whole = books.statement(period, guild=1)
    same_ms = books.database.connection.execute("SELECT COUNT(*) FROM transfer WHERE guild = 1").fetchone()[0]
    monkeypatch.setattr("bot.ledger.statements.PAGE", 3)
    for name in ("_PAGE_OF_GUILD", "_PAGE_OF_ACCOUNT"):
        sql = getattr(transfer_pages, name)
        monkeypatch.setattr(f"bot.ledger.transfer_pages.{name}", sql.replace("LIMIT 500", "LIMIT 3"))
    assert books.statement(period, guild=1) == whole
    assert whole.statement.transfers == same_ms


def test_transfers_of_one_millisecond_are_paged_by_id(monkeypatch):
    books = Books(6, 0)
    at_ms = round(BEGIN.timestamp() * 1_000)
    for number in range(10):
        books.write(transfers.mint(1, 5, key=f"i:{number}", actor=1, reason="", at_ms=at_ms))
    sql = transfer_pages._PAGE_OF_GUILD.replace("LIMIT 500", "LIMIT 3")
    monkeypatch.setattr("bot.ledger.statements.PAGE", 3)
    monkeypatch.setattr("bot.ledger.transfer_pages._PAGE_OF_GUILD", sql)
    statement = books.statement(Period(BEGIN.date(), BEGIN.date()), guild=1).statement
    assert statement.flows[Cause.TOP_UP] == Flow(in_mcr=50)


def test_statement_leaves_out_concurrent_writes():
    books = Books(7, 50)
    period = Period(date(2026, 2, 1), date(2026, 5, 31))
    before = books.statement(period, guild=1)
    read_page, wrote = books.database.read, []

    async def read_while_others_write(operation):
        result = await read_page(operation)
        if len(wrote) < 3:
            wrote.append(1)
            books.write(transfers.mint(1, 7, key=f"i:x{len(wrote)}", actor=1, reason="", at_ms=period.until_ms - 1))
        return result

    books.database.read = read_while_others_write
    assert books.statement(period, guild=1) == before
    assert len(wrote) == 3


def test_causes_say_what_each_transfer_was():
    books = Books(9, 0)
    at = {"actor": 99, "reason": "r", "at_ms": round(BEGIN.timestamp() * 1_000)}
    mine, pool, mint = Side(Account.MEMBER, 11), Side(Account.POOL, 0), Side(Account.MINT, 0)
    books.write(transfers.mint(1, 500, key=keys.entitlement(5), **at))
    books.write(transfers.mint(1, 300, key="i:top", **at))
    books.write(transfers.allot(1, 11, 200, key="i:grant", **at))
    books.write(transfers.allot(1, 11, 40, key=keys.allowance(1, 11, "2026-02"), **at))
    books.write(transfers.reclaim(1, 11, 10, key="i:revoke", **at))
    for debit, credit, amount, key in (
        (mine, Side(Account.MEMBER, 12), 30, keys.gift(1)),
        (pool, mint, 100, keys.entitlement_refund(5)),
    ):
        books.write(transfers._direct(Content(1, TransferKind.DIRECT, debit, credit, amount), key, Note(**at)))
    books.write(transfers.hold(1, 11, 100, key="i:j", job="j", actor=11, at_ms=at["at_ms"], reason="o/m"))
    ended = {"hold_key": "i:j", "job": "j", "at_ms": at["at_ms"]}
    books.write(transfers.capture(1, 11, 60, key=keys.capture("j"), **ended))
    spent = Side(Account.SPENT, 11)
    content = Content(1, TransferKind.DIRECT, spent, mine, 25, job="j")
    books.write(transfers._direct(content, keys.refund("j", "takedown"), Note(**at)))
    statement = books.statement(Period(BEGIN.date(), BEGIN.date()), guild=1).statement
    assert {cause: flow for cause, flow in statement.flows.items() if cause is not Cause.INITIAL} == {
        Cause.TOP_UP: Flow(in_mcr=300),
        Cause.PURCHASE: Flow(in_mcr=500),
        Cause.PURCHASE_REFUNDED: Flow(out_mcr=100),
        Cause.GRANT: Flow(moved_mcr=200),
        Cause.REVOKE: Flow(moved_mcr=10),
        Cause.ALLOWANCE: Flow(moved_mcr=40),
        Cause.GIFT: Flow(moved_mcr=30),
        Cause.HOLD: Flow(moved_mcr=100),
        Cause.CAPTURE: Flow(out_mcr=60),
        Cause.RELEASE: Flow(moved_mcr=40),
        Cause.REFUND: Flow(in_mcr=25),
    }
    assert statement.models == [("o/m", Spending(35, 60, 1))]
    assert statement.members == [(11, Spending(35, 60, 1))]
    theirs = books.statement(Period(BEGIN.date(), BEGIN.date()), guild=1, member=11).statement
    assert theirs.flows[Cause.GRANT] == Flow(in_mcr=200)
    assert theirs.flows[Cause.GIFT] == Flow(out_mcr=30)


def test_member_who_spends_the_pools_credits_is_mentioned():
    books = Books(10, 0)
    at_ms = round(BEGIN.timestamp() * 1_000)
    books.write(transfers.mint(1, 100, key="i:1", actor=1, reason="", at_ms=at_ms))
    books.write(transfers.hold(1, 0, 100, key="i:j", job="j", actor=12, at_ms=at_ms, reason="o/m"))
    books.write(transfers.capture(1, 0, 100, key="cap:j", hold_key="i:j", job="j", at_ms=at_ms))
    statement = books.statement(Period(BEGIN.date(), BEGIN.date()), guild=1).statement
    assert statement.members == [(12, Spending(100, 100, 1))]


def test_grant_that_waits_for_approval_is_a_hold_of_the_pool_and_then_a_grant():
    books = Books(13, 0)
    at_ms = round(BEGIN.timestamp() * 1_000)
    content = Content(1, TransferKind.PENDING, Side(Account.POOL, 0), Side(Account.MEMBER, 11), 500)
    note = Note(99, "a prize", at_ms)

    def wait_and_approve():
        debit, credit = yield from transfers._accounts(content)
        held = yield from transfers._record("i:g", content, note, debit, credit)
        yield from transfers._change(debit, available=-500, held=500)
        posted = replace(content, kind=TransferKind.POST, hold_key="i:g")
        yield from transfers._record(keys.grant_approval(1), posted, note, debit, credit, held)
        yield from transfers._change(debit, available=0, held=-500)
        yield from transfers._change(credit, available=500)

    books.write(wait_and_approve())
    written = books.statement(Period(BEGIN.date(), BEGIN.date()), guild=1)
    assert written.statement.flows[Cause.HOLD] == written.statement.flows[Cause.GRANT] == Flow(moved_mcr=500)
    assert written.statement.models == []
    assert {row["reason"] for row in read(written.csv) if row["cause"] in {"hold", "grant"}} == {"a prize"}
    assert_rows_tie(read(written.csv), written.statement)
    theirs = books.statement(Period(BEGIN.date(), BEGIN.date()), guild=1, member=11)
    assert theirs.statement.flows == {Cause.GRANT: Flow(in_mcr=500)}


@pytest.mark.parametrize(("sql", "index"), [("_PAGE_OF_GUILD", "by_time"), ("_PAGE_OF_ACCOUNT", "by_credit")])
def test_page_is_found_by_an_index(sql, index):
    books = Books(14, 0)
    query = "EXPLAIN QUERY PLAN " + getattr(transfer_pages, sql)
    plan = books.database.connection.execute(query, {str(number): 1 for number in range(1, 6)}).fetchall()
    assert f"transfer_{index}" in str(plan)
    assert "SCAN t" not in str(plan)


def test_too_many_rows_leave_the_statement_without_a_file():
    books = Books(11, 100)
    period = Period(date(2026, 2, 1), date(2026, 5, 31))
    whole = books.statement(period, guild=1)
    assert books.statement(period, guild=1, most=len(present(whole.csv))).csv == whole.csv
    short = books.statement(period, guild=1, most=len(present(whole.csv)) - 1)
    assert short.csv is None
    assert short.statement == whole.statement


@given(text=st.text() | st.sampled_from(REASONS))
def test_reason_is_never_a_formula_and_can_be_read_back(text):
    cell = as_cell(text)
    assert from_cell(cell) == text
    for piece in re.split("[;\t\r\n]", cell):
        assert not re.match(rf"\s*[=+\-@{FULL_WIDTH}]", piece)


def test_file_has_the_bytes_that_it_had_at_first():
    books = Books(12, 0)
    at_ms = round(BEGIN.timestamp() * 1_000)
    books.write(transfers.allot(1, 11, 75_000, key="i:1", actor=99, reason='=cmd|"谢谢"', at_ms=at_ms + 1))
    books.write(transfers.hold(1, 11, 50_000, key="i:j", job="j", actor=11, at_ms=at_ms + 2, reason="o/m"))
    books.write(transfers.capture(1, 11, 13_750, key="cap:j", hold_key="i:j", job="j", at_ms=at_ms + 3))
    written = books.statement(Period(BEGIN.date(), BEGIN.date(), ZoneInfo("Asia/Kolkata")), guild=1, member=11)
    after = '"","","","","",""'
    grant = '1,"2026-02-20T00:00:00.001Z","2026-02-20","grant","member",11,75000,0,75000,0,99,"","",'
    grant += '"\'=cmd|""谢谢""",3,"i:1"'
    assert present(written.csv).decode().split("\r\n") == [
        BOM + ",".join(f'"{name}"' for name in COLUMNS),
        f'1,"2026-02-19T18:30:00.000Z","2026-02-20","opening","","","","",0,0,{after}',
        grant,
        '1,"2026-02-20T00:00:00.002Z","2026-02-20","hold","member",11,-50000,50000,25000,50000,11,"o/m","j","o/m",4,"i:j"',
        '1,"2026-02-20T00:00:00.003Z","2026-02-20","capture","member",11,0,-13750,25000,36250,"","o/m","j","",5,"cap:j"',
        '1,"2026-02-20T00:00:00.003Z","2026-02-20","release","member",11,36250,-36250,61250,0,"","o/m","j","",5,"cap:j"',
        f'1,"2026-02-20T18:30:00.000Z","2026-02-20","closing","","","","",61250,0,{after}',
        "",
    ]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_days_of_a_period_have_no_gaps(zone):
    period = Period(date(2026, 1, 1), date(2026, 12, 31), zone)
    assert len(period.days) == 365
    for day in period.days:
        only = Period(day, day, zone)
        assert {period.day_of(only.from_ms), period.day_of(only.until_ms - 1)} == {day}
