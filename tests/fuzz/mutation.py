"""Ways of damaging a file: a few bytes at a time, as transfers, tools and attackers do."""

import random
import re
import struct

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
WORDS = (b"<g>", b"</g>", b'"', b"'", b"<", b"&n;", b"NaN", b"1e309", b"-1", b"99999999999", b"#g", b"url(#p)", b"%")
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")


def mutated(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Return the data after one to six changes."""
    text = data[:200].lstrip().startswith(b"<")
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        data = dice.choice(TEXTUAL if text else BINARY)(data or b"\0", dice, others)
    return data


def _flip(data: bytes, dice: random.Random, _others: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 2, 8))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _early_flip(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """Choose a position near the start: headers come first and matter most."""
    return _flip(data[:200], dice, others) + data[200:]


def _number(data: bytes, dice: random.Random, _others: list[bytes]) -> bytes:
    form = dice.choice(("B", "<H", ">H", "<I", ">I"))
    size = struct.calcsize(form)
    place = dice.randrange(max(1, min(len(data), dice.choice((200, len(data))))))
    value = dice.choice(NUMBERS) & ((1 << 8 * size) - 1)
    return data[:place] + struct.pack(form, value) + data[place + size :]


def _cut(data: bytes, dice: random.Random, _others: list[bytes]) -> bytes:
    return data[: dice.randrange(len(data))]


def _remove(data: bytes, dice: random.Random, _others: list[bytes]) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + data[place + dice.choice((1, 4, 16, 64)) :]


def _repeat(data: bytes, dice: random.Random, _others: list[bytes]) -> bytes:
    place, size = dice.randrange(len(data)), dice.choice((1, 8, 64, 512))
    return data[:place] + data[place : place + size] * dice.choice((2, 3, 40)) + data[place + size :]


def _splice(data: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    other = dice.choice(others)
    return data[: dice.randrange(len(data))] + other[dice.randrange(len(other)) :]


def _word(data: bytes, dice: random.Random, _others: list[bytes]) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + dice.choice(WORDS) * dice.choice((1, 1, 50)) + data[place:]


def _figure(data: bytes, dice: random.Random, _others: list[bytes]) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    one = dice.choice(found)
    return data[: one.start()] + dice.choice((b"0", b"-7", b"1e38", b"100000", b"", b"0.0000001")) + data[one.end() :]


BINARY = (_flip, _early_flip, _early_flip, _number, _number, _cut, _remove, _repeat, _splice)
TEXTUAL = (_flip, _cut, _remove, _repeat, _word, _word, _figure, _figure)
