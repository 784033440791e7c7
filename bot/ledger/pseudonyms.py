"""The random ids that replace those of erased members and forgotten guilds."""

import secrets

PSEUDONYM_BIT = 1 << 62
"""The bit that is set in each pseudonym. Discord's ids will reach it in about 2050."""


def new_pseudonym() -> int:
    """Return a random id that is not in use."""
    return PSEUDONYM_BIT | secrets.randbits(62)


def is_pseudonym(number: int) -> bool:
    """Return whether an id belongs to an erased member or a forgotten guild."""
    return number >= PSEUDONYM_BIT
