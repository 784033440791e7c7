"""Computes the fingerprint of a transfer: a hash of all its columns, which reveals later changes by hand."""

import hashlib
import json
from dataclasses import dataclass

from bot.ledger.balances import Account, TransferKind

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two accounts of a transfer. `owner` is 0 for the mint, the pool, and the pool's spending."""

    kind: Account
    owner: int


@dataclass(frozen=True, slots=True)
class Content:
    """The part of a transfer that must be the same when its key is used again. Posts and voids have a `hold_key`."""

    guild: int
    kind: TransferKind
    debit: Side
    credit: Side
    amount: int
    hold_key: str | None = None
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """The author, reason and time of a transfer. They may differ when a key is used again."""

    actor: int
    reason: str
    at_ms: int


def fingerprint(key: str, content: Content, note: Note) -> str:
    """Hash a transfer: 128 bits of SHA-256, in hexadecimal."""
    debit, credit = content.debit, content.credit
    sides = (debit.kind, debit.owner), (credit.kind, credit.owner)
    moved = (content.guild, content.kind, *sides, content.amount, content.hold_key, content.job)
    text = _encode((key, moved, (note.actor, note.reason, note.at_ms)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
