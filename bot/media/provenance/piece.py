"""Writes files as a sequence of pieces: new bytes, and ranges of the original that are copied unchanged."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from bot.media.provenance.label_content import Malformed


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the original: `size` bytes from `start`."""

    start: int
    size: int


Piece = bytes | Stretch
"""A part of a written file; the parts are written in order."""


def read(source: BinaryIO, start: int, size: int) -> bytes:
    """Read exactly `size` bytes from `start`. Raises Malformed if the file ends earlier."""
    source.seek(start)
    data = source.read(size)
    if len(data) != size:
        raise Malformed("it ends too early")
    return data


XMP_MOST = 1 << 20
"""How much of an XMP packet is searched for a link to a manifest, in bytes."""


def names_manifest(source: BinaryIO, start: int, size: int) -> bool:
    """Return whether the XMP packet in this range links to a C2PA manifest stored elsewhere (`dcterms:provenance`)."""
    source.seek(start)
    return b"dcterms:provenance" in source.read(min(size, XMP_MOST))


def length(source: BinaryIO) -> int:
    """Return the size of a file in bytes."""
    return source.seek(0, 2)


def size_of(pieces: Iterable[Piece]) -> int:
    """Return the total size of these pieces in bytes."""
    return sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces)


def write(pieces: Iterable[Piece], source: BinaryIO, target: BinaryIO) -> None:
    """Write the pieces in order."""
    for piece in pieces:
        if isinstance(piece, bytes):
            target.write(piece)
        else:
            _copy(piece, source, target)


def _copy(stretch: Stretch, source: BinaryIO, target: BinaryIO, block: int = 1 << 20) -> None:
    source.seek(stretch.start)
    whole, rest = divmod(stretch.size, block)
    target.writelines(read(source, source.tell(), size) for size in (*[block] * whole, rest))
