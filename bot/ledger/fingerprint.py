"""Computes the fingerprint of a transfer: a hash of all its columns, which reveals later manual changes."""

import hashlib
from dataclasses import dataclass
from json.encoder import encode_basestring

from bot.ledger.ledger_records import Account, TransferKind


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
    # This builds the same JSON as the json module, which takes three times as long.
    text = (
        f"[{_text(key)},[{content.guild},{_text(content.kind)},[{_text(debit.kind)},{debit.owner}],"
        f"[{_text(credit.kind)},{credit.owner}],{content.amount},{_text(content.hold_key)},{_text(content.job)}]"
        f",[{note.actor},{_text(note.reason)},{note.at_ms}]]"
    )
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring(value)
