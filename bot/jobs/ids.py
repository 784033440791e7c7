"""The two ids of a job: a long one, unique everywhere, and a short one that people can read out."""

import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet without 0 and 1, so that nothing can be mistaken for I, L or O."""

TIME_DIGITS = 10  # 50 bits of milliseconds: until the year 37648
RANDOM_BITS = 65
SHORT_DIGITS = 6
TYPED_CHARACTERS = 100
"""How many characters of a typed id are read."""


def _digits(value: int, length: int, alphabet: str) -> str:
    base = len(alphabet)
    found: list[str] = []
    for _ in range(length):
        value, digit = divmod(value, base)
        found.append(alphabet[digit])
    return "".join(reversed(found))


def long_id(now_ms: int) -> str:
    """Return a new long id: 23 characters that sort by time, so it fits a nonce (25) and every `custom_id`."""
    # The time comes first, so that ids sort by age and new rows go to the end of the index.
    random = secrets.randbits(RANDOM_BITS)
    return _digits(now_ms, TIME_DIGITS, CROCKFORD) + _digits(random, RANDOM_BITS // 5, CROCKFORD)


def is_long_id(text: str) -> bool:
    """Return whether a string has the form of a long id."""
    return len(text) == TIME_DIGITS + RANDOM_BITS // 5 and all(digit in CROCKFORD for digit in text)


def first_id(since_ms: int) -> str:
    """Return a string that sorts before every long id made since this time, and after all others."""
    return _digits(since_ms, TIME_DIGITS, CROCKFORD)


def short_ids(count: int) -> list[str]:
    """Return `count` new random short ids, e.g. `K7QF-2M`. Only the database knows which are free in a guild."""
    # Random, not sequential, so that nobody can guess the ids of other members' jobs or count them. One draw serves all
    # ids, because each draw is a system call. With 64 bits, no id is likelier than another by more than one part in
    # 10^10.
    drawn = secrets.token_bytes(count * 8)
    numbers = (int.from_bytes(drawn[begin : begin + 8]) for begin in range(0, len(drawn), 8))
    texts = (_digits(number % len(READABLE) ** SHORT_DIGITS, SHORT_DIGITS, READABLE) for number in numbers)
    return [f"{text[:4]}-{text[4:]}" for text in texts]


def parse_short_id(text: str) -> str:
    """Convert a short id as someone typed it to the form in which it is stored.

    It may be copied from a card (`Job K7QF-2M`), or name one of several files (`K7QF-2M/2`).
    """
    typed = text[:TYPED_CHARACTERS].upper().partition("/")[0].strip().removeprefix("JOB")
    letters = "".join(letter for letter in typed if letter in READABLE)
    return f"{letters[:4]}-{letters[4:]}"
