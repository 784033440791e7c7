"""A random ledger stays sound after a member or a guild is renamed in it, and no longer contains the old name."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import InsufficientCredit
from bot.ledger import keys, renaming, transfers
from bot.ledger.verify import verify
from bot.storage.operation import Statement
from tests.unit.ledger.memory import MemoryDatabase, finish

GUILDS, MEMBERS = (101, 102), (7_011, 7_012, 7_013)
PSEUDONYM = 1 << 62

NAMED = "SELECT key, guild, actor FROM transfer UNION SELECT owner, guild, 0 FROM account"

MOVES = st.tuples(
    st.sampled_from(["mint", "allot", "allowance", "reclaim", "give", "capture", "release", "refund", "reserve"]),
    st.sampled_from(GUILDS),
    st.sampled_from(MEMBERS),
    st.sampled_from(MEMBERS),
    st.integers(1, 900),
)


def move(number, what, guild, member, other, amount):
    """Return the operation of one move; `other` is the actor, if there is one."""
    key, said = keys.interaction(number), {"actor": other, "reason": f"for {member}", "at_ms": number}
    job = f"job{number}"
    match what:
        case "mint":
            yield from transfers.mint(guild, amount, key=key, **said)
        case "allot":
            yield from transfers.allot(guild, member, amount, key=key, **said)
        case "allowance":
            yield from transfers.allot(guild, member, amount, key=keys.allowance(number, member, "2026-11"), **said)
        case "reclaim":
            yield from transfers.reclaim(guild, member, amount, key=key, **said)
        case "give" if member != other:
            yield from transfers.give(
                guild, member, other, amount, key=keys.gift(number), reason="a gift", at_ms=number
            )
        case "reserve":
            yield from transfers.reserve(guild, member, amount, key=key, **said)
            given_mcr, end = (amount, keys.grant_approval(number)) if number % 2 else (0, keys.grant_denial(number))
            yield from transfers.end_reservation(guild, member, given_mcr, key=end, hold_key=key, **said)
        case "capture" | "release" | "refund":
            yield from transfers.hold(guild, member, amount, key=key, job=job, actor=member, at_ms=number, reason="m/x")
            about = {"hold_key": key, "job": job, "at_ms": number}
            if what == "release":
                yield from transfers.release(guild, member, key=keys.release(job), **about)
            else:
                yield from transfers.capture(guild, member, amount, key=keys.capture(job), **about)
            if what == "refund":
                yield from transfers.refund(
                    guild, member, key=keys.refund(job, "x"), captured_mcr=amount, job=job, actor=other, reason="x",
                    at_ms=number,
                )  # fmt: skip
        case _:
            return


def opened():
    """Give everyone credits, with the keys that contain their ids."""
    said = {"actor": 1, "reason": "r", "at_ms": 0}
    for guild in GUILDS:
        yield from transfers.mint(guild, 10**6, key=keys.new_guild(guild), **said)
        for member in MEMBERS:
            yield from transfers.allot(guild, member, 1_000, key=keys.play_money(guild, member), **said)


def rows(sql):
    return (yield Statement(sql))


def renamed(kind, was):
    yield Statement("INSERT INTO renaming VALUES ($1, $2, $3)", kind, was, PSEUDONYM)
    yield from (renaming.rename_member if kind == "member" else renaming.rename_guild)(was, PSEUDONYM)
    yield Statement("DELETE FROM renaming")


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, max_size=25), st.sampled_from([("member", MEMBERS[0]), ("guild", GUILDS[0])]))
def test_renamed_ledger_is_sound_and_moves_the_same_amounts(moves, change):
    database = MemoryDatabase()
    try:
        finish(database.run(opened))
        for number, (what, guild, member, other, amount) in enumerate(moves, 1):
            try:
                finish(database.run(lambda one=(number, what, guild, member, other, amount): move(*one)))
            except InsufficientCredit:
                continue
        kept = "SELECT id, kind, pending_id, debit, credit, amount, job, at_ms FROM transfer ORDER BY id"
        balances = "SELECT id, kind, available, held FROM account ORDER BY id"
        before = [finish(database.read(lambda sql=sql: rows(sql))) for sql in (kept, balances)]
        finish(database.run(lambda: renamed(*change)))
        assert [finish(database.read(lambda sql=sql: rows(sql))) for sql in (kept, balances)] == before
        assert finish(verify(database)) == ()
        named = finish(
            database.read(
                lambda: rows("SELECT key, guild, actor FROM transfer UNION SELECT owner, guild, 0 FROM account")
            )
        )
        assert not any(str(change[1]) in str(value).split(":") for row in named for value in row)
    finally:
        database.close()
