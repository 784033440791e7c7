"""Labels PNG files with text chunks, and XMP in an iTXt chunk, after the header (PNG specification, section 11.3.3)."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from bot.media.provenance.label_content import SOFTWARE, Malformed, Mark, xmp
from bot.media.provenance.piece import Piece, Stretch, length, names_manifest, read

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_END = 33
"""The signature's 8 bytes, and the IHDR chunk's 25."""

XMP_KEYWORD = b"XML:com.adobe.xmp"
MANIFEST = b"caBX"
"""The chunk with a C2PA manifest store (C2PA specification, "Embedding manifests into PNG")."""

KEYWORD_MOST = 80
OVERHEAD = 12
"""Bytes of a chunk apart from its data: length, kind, checksum."""


def pieces(source: BinaryIO, mark: Mark) -> Iterator[Piece]:
    """Yield the picture with the mark in it, and without any earlier mark."""
    head = read(source, 0, HEADER_END)
    if not head.startswith(SIGNATURE) or head[12:16] != b"IHDR":
        raise Malformed("it does not begin as a PNG")
    yield head
    texts = {b"Comment": mark.statement, b"Software": SOFTWARE, b"Source": mark.model}
    for keyword, text in texts.items():
        yield _chunk(b"tEXt", keyword + b"\0" + text.encode("latin-1", "replace"))
    # After the keyword: no compression, method 0, an empty language, and an empty translated keyword.
    yield _chunk(b"iTXt", XMP_KEYWORD + b"\0\0\0\0\0" + xmp(mark))
    yield from _others(source, frozenset({*texts, XMP_KEYWORD}))


def has_manifest(source: BinaryIO) -> bool:
    """Return whether a C2PA manifest is in the file, or linked in its XMP. Reads chunk headers only."""
    if read(source, 0, 8) != SIGNATURE:
        return False
    place, end, kind = 8, length(source), b""
    while kind != b"IEND" and place + OVERHEAD <= end:
        opening = read(source, place, 8)
        kind, size = opening[4:], int.from_bytes(opening[:4])
        is_xmp = kind == b"iTXt" and read(source, place + 8, min(size, len(XMP_KEYWORD))) == XMP_KEYWORD
        if kind == MANIFEST or (is_xmp and names_manifest(source, place + 8, size)):
            return True
        place += size + OVERHEAD
    return False


def _others(source: BinaryIO, ours: frozenset[bytes]) -> Iterator[Piece]:
    """Yield everything after the header except for the texts that are replaced; data after the end is kept too."""
    place, end, kind = HEADER_END, length(source), b""
    while kind != b"IEND":
        opening = read(source, place, 8)
        kind, size = opening[4:], int.from_bytes(opening[:4]) + OVERHEAD
        if size > end - place:
            raise Malformed("a chunk is longer than the file")
        if kind not in (b"tEXt", b"iTXt", b"zTXt") or _keyword(source, place, size) not in ours:
            yield Stretch(place, size)
        place += size
    yield Stretch(place, end - place)


def _keyword(source: BinaryIO, place: int, size: int) -> bytes:
    return read(source, place + 8, min(KEYWORD_MOST, size - OVERHEAD)).partition(b"\0")[0]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
