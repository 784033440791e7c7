"""Tests that fingerprints never change: new ones have to equal those that were stored long ago."""

import hashlib
import json

import pytest

from bot.ledger.fingerprint import Content, Note, Side, fingerprint
from bot.ledger.ledger_records import Account, TransferKind

KNOWN = "78a90fcb4413ff5cd5f2f168eff10232"
"""The fingerprint that the first release wrote for this transfer."""

ODD = [
    "",
    "plain",
    'with "quotes"',
    "back\\slash",
    "tab\tand\nline\x00\x1f\x7f",
    "中文 é 🖌️",
    "\u2028\u2029",
    "</script>",
]


def by_the_library(key, content, note):
    debit, credit = content.debit, content.credit
    sides = (debit.kind, debit.owner), (credit.kind, credit.owner)
    moved = (content.guild, content.kind, *sides, content.amount, content.hold_key, content.job)
    text = json.dumps((key, moved, (note.actor, note.reason, note.at_ms)), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@pytest.mark.parametrize("odd", [*ODD, None])
def test_fingerprint_is_that_of_the_json_text(odd):
    content = Content(1, TransferKind.POST, Side(Account.MEMBER, 2), Side(Account.SPENT, 3), 4, odd, odd)
    note = Note(5, odd or "", -6)
    assert fingerprint(odd or "key", content, note) == by_the_library(odd or "key", content, note)


def test_fingerprint_of_a_known_transfer():
    content = Content(1, TransferKind.DIRECT, Side(Account.MINT, 0), Side(Account.POOL, 0), 1_000)
    assert fingerprint("m:1", content, Note(7, "first", 8)) == KNOWN
