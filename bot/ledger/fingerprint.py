"""A transfer's fingerprint: every column of it in one hash, so that a later change by hand shows."""

import hashlib
import json
from dataclasses import dataclass

from bot.ledger.balances import Account, TransferKind

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two accounts of a transfer. `owner` is 0 for mint and pool, and for what the pool has spent."""

    kind: Account
    owner: int


@dataclass(frozen=True, slots=True)
class Content:
    """What moves, and for what: this must be the same when a key comes again. `hold_key` is set on posts and voids."""

    guild: int
    kind: TransferKind
    debit: Side
    credit: Side
    amount: int
    hold_key: str | None = None
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Who asked, why and when. A second try may have others."""

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
