"""Replaces the id of a member or a guild in the ledger with a pseudonym, and keeps the balances as they are.

Amounts, times and accounts stay the same. Fingerprints are recomputed, because they include the ids; one that was wrong
before stays wrong, so that tampering is not covered up. The triggers of the database accept this only while the table
`renaming` has the row that the caller writes (bot/storage/sqlite/0039_privacy.sql).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from bot.ledger import keys, transfers
from bot.ledger.fingerprint import Content, Note, Side, fingerprint
from bot.ledger.ledger_records import Account, TransferKind
from bot.ledger.pseudonyms import is_pseudonym
from bot.storage.operation import Operation, Row, Statement

REASON = "erased"
"""The reason given for the transfers that empty the accounts of erased members."""

_TRANSFERS = (
    "SELECT t.id, t.key, t.fingerprint, t.guild, t.kind, d.kind, d.owner, c.kind, c.owner, t.amount, h.key, t.job,"
    " t.actor, t.reason, t.at_ms FROM transfer AS t"
    " JOIN account AS d ON d.id = t.debit JOIN account AS c ON c.id = t.credit"
    " LEFT JOIN transfer AS h ON h.id = t.pending_id WHERE {theirs} ORDER BY t.id"
)
_OF_MEMBER = _TRANSFERS.format(
    theirs="t.actor = $1 OR t.debit IN (SELECT id FROM account WHERE owner = $1)"
    " OR t.credit IN (SELECT id FROM account WHERE owner = $1)"
)
_OF_GUILD = _TRANSFERS.format(theirs="t.guild = $1")


@dataclass(frozen=True, slots=True)
class _Stored:
    """A transfer as it is stored."""

    id: int
    key: str
    fingerprint: str
    content: Content
    note: Note

    @property
    def is_sound(self) -> bool:
        return fingerprint(self.key, self.content, self.note) == self.fingerprint


def empty_accounts(member: int, at_ms: int) -> Operation[None]:
    """Put a member's credits in each guild back into that guild's pool. None of them may be held."""
    rows = yield Statement(
        "SELECT id, guild, available FROM account WHERE kind = 'member' AND owner = $1 AND available > 0 ORDER BY id",
        member,
    )
    for account, guild, available in cast("list[tuple[int, int, int]]", rows):
        key = keys.erasure(account)
        yield from transfers.reclaim(guild, member, available, key=key, actor=0, reason=REASON, at_ms=at_ms)


def pass_on_refund(guild: int, payer: int, amount: int, job: str, at_ms: int) -> Operation[None]:
    """Move an erased member's refund for a job into the pool, because nobody could spend it otherwise."""
    if amount and is_pseudonym(payer):
        key = keys.erased_refund(job)
        yield from transfers.reclaim(guild, payer, amount, key=key, actor=0, reason=REASON, at_ms=at_ms)


def rename_member(member: int, pseudonym: int) -> Operation[None]:
    """Replace a member's id everywhere, and erase the reasons of all transfers to and from their accounts."""

    def renamed(side: Side) -> Side:
        return replace(side, owner=pseudonym) if side.owner == member else side

    def change(stored: _Stored) -> _Stored:
        content, note = stored.content, stored.note
        is_theirs = member in (content.debit.owner, content.credit.owner)
        # The reason for a job's hold is its model, which statements need. Other reasons were written by people.
        reason = "" if is_theirs and content.job is None else note.reason
        return replace(
            stored,
            key=keys.with_member(stored.key, pseudonym) if is_theirs else stored.key,
            content=replace(content, debit=renamed(content.debit), credit=renamed(content.credit)),
            note=replace(note, actor=pseudonym if note.actor == member else note.actor, reason=reason),
        )

    rows = yield Statement(_OF_MEMBER, member)
    yield Statement("UPDATE account SET owner = $2 WHERE owner = $1", member, pseudonym)
    yield from _write([_stored(row) for row in rows], change)


def rename_guild(guild: int, pseudonym: int) -> Operation[None]:
    """Replace a guild's id everywhere, and erase the reasons that people wrote."""

    def change(stored: _Stored) -> _Stored:
        content, note = stored.content, stored.note
        return replace(
            stored,
            key=keys.with_guild(stored.key, pseudonym),
            content=replace(content, guild=pseudonym),
            note=note if content.job is not None else replace(note, reason=""),
        )

    rows = yield Statement(_OF_GUILD, guild)
    yield Statement("UPDATE account SET guild = $2 WHERE guild = $1", guild, pseudonym)
    yield from _write([_stored(row) for row in rows], change)


def _write(found: list[_Stored], change: Callable[[_Stored], _Stored]) -> Operation[None]:
    for stored in found:
        new = change(stored)
        proof = fingerprint(new.key, new.content, new.note) if stored.is_sound else stored.fingerprint
        yield Statement(
            "UPDATE transfer SET key = $2, guild = $3, actor = $4, reason = $5, fingerprint = $6 WHERE id = $1",
            *(new.id, new.key, new.content.guild, new.note.actor, new.note.reason, proof),
        )


def _stored(row: Row) -> _Stored:
    number, key, proof, guild, kind, *_ = row
    debit, credit = (Side(cast("Account", row[at]), cast("int", row[at + 1])) for at in (5, 7))
    amount, hold_key, job, actor, reason, at_ms = cast("tuple[int, str | None, str | None, int, str, int]", row[9:])
    content = Content(cast("int", guild), cast("TransferKind", kind), debit, credit, amount, hold_key, job)
    return _Stored(cast("int", number), str(key), str(proof), content, Note(actor, reason, at_ms))
