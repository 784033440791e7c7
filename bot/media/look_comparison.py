"""Compares what pictures look like (bot/media/decoding/looks.py).

Measured with 156 pictures (the sandbox's landscapes, clouds, and drawings of a few shapes): the same picture as a JPEG
of quality 10, as WebP, blurred, or scaled to 96 pixels differs in at most 8 of 128 bits, and in at most 13 if it is a
fifth brighter or paler. Different pictures differ in at least 21 bits, half of them in 57 or more; only drawings of one
large shape in the same place come closer. So the threshold is in the gap, nearer to the copies: refusing an innocent
picture is worse than missing an altered copy. A picture that is mirrored, turned or cropped by a tenth counts as
different. tests/unit/media/test_looks.py repeats the measurement with fewer pictures.
"""

from collections.abc import Iterable

MOST_DIFFERENT = 12
"""Bits of 128 in which two pictures may differ and still be the same."""


def distance(one: str, other: str) -> int:
    """Return the number of bits in which two looks differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def any_same(found: Iterable[str], known: Iterable[str]) -> bool:
    """Return whether one of these looks is that of a known picture."""
    every = list(known)
    return any(distance(look, one) <= MOST_DIFFERENT for look in found for one in every)
