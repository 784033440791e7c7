"""Labels GIF files with a comment, and XMP in an application extension.

Sources: GIF89a, sections 24 and 26; XMP specification, part 3, section 1.1.2.
"""

from collections.abc import Iterator
from typing import BinaryIO

from bot.media.provenance.label_content import OPENING, Malformed, Mark, xmp
from bot.media.provenance.piece import Piece, Stretch, length, read

HEAD = 13
HAS_TABLE, TABLE_BITS = 0x80, 0x07
EXTENSION, APPLICATION, COMMENT = b"\x21", b"\xff", b"\xfe"
XMP_NAME = b"XMP DataXMP"
MANIFEST = b"C2PA_GIF"
TRAILER = bytes([1, *range(255, -1, -1), 0])
"""XMP is not a chain of sub-blocks; this leads a reader that treats it as a chain to its end."""


def pieces(source: BinaryIO, mark: Mark) -> Iterator[Piece]:
    """Yield the animation with the mark before its first picture, and without any earlier mark."""
    head = read(source, 0, HEAD)
    if head[:3] != b"GIF":
        raise Malformed("it does not begin as a GIF")
    flags = head[10]
    place = HEAD + (3 << (flags & TABLE_BITS) + 1 if flags & HAS_TABLE else 0)
    # Only the later version of GIF has comments.
    yield b"GIF89a"
    yield Stretch(6, place - 6)
    for stretch, is_ours in _blocks(source, place):
        place = stretch.start + stretch.size
        if not is_ours:
            yield stretch
    text = mark.statement.encode("ascii", "replace")[:255]
    yield EXTENSION + COMMENT + bytes([len(text)]) + text + b"\0"
    yield EXTENSION + APPLICATION + bytes([len(XMP_NAME)]) + XMP_NAME + xmp(mark) + TRAILER
    yield Stretch(place, length(source) - place)


def has_manifest(source: BinaryIO) -> bool:
    """Return whether a C2PA manifest is in the file (an application extension `C2PA_GIF`)."""
    head = read(source, 0, HEAD)
    flags = head[10]
    place = HEAD + (3 << (flags & TABLE_BITS) + 1 if flags & HAS_TABLE else 0)
    return any(
        read(source, stretch.start + 3, min(len(MANIFEST), stretch.size - 3)) == MANIFEST
        for stretch, _ in _blocks(source, place)
    )


def _blocks(source: BinaryIO, place: int) -> Iterator[tuple[Stretch, bool]]:
    """Yield the application and comment blocks before the first picture, and whether each is an earlier mark."""
    while read(source, place, 1) == EXTENSION:
        kind = read(source, place + 1, 1)
        if kind not in (APPLICATION, COMMENT):
            return
        is_xmp = kind == APPLICATION and read(source, place + 3, len(XMP_NAME)) == XMP_NAME
        is_comment = kind == COMMENT and read(source, place + 3, len(OPENING)) == OPENING.encode()
        end = _end(source, place + 2)
        yield Stretch(place, end - place), is_xmp or is_comment
        place = end


def _end(source: BinaryIO, place: int) -> int:
    """Return where a chain of sub-blocks ends."""
    while size := read(source, place, 1)[0]:
        place += 1 + size
    return place + 1
