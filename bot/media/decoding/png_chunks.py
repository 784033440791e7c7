"""Reads PNG files as browsers do: damage in a chunk that no pixel depends on does not matter.

Pillow rejects the whole file for compressed text of more than 1 MB, for a broken text or profile, and for a wrong
checksum anywhere. Source: PNG specification (third edition), sections 5.3, 11.3 and 13.
"""

import io
import zlib
from collections.abc import Iterator
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NEEDED = frozenset({b"fcTL", b"fdAT"})
"""Ancillary chunks that the frames of an animation consist of: always kept."""

USED = frozenset({b"tRNS", b"acTL", b"iCCP", b"eXIf"})
"""Ancillary chunks that are kept if intact. Without them, a picture loses transparency, motion, profile or rotation."""

PROFILE_MOST = 1 << 20
"""Pillow's own limit for a decompressed profile (PngImagePlugin.MAX_TEXT_CHUNK)."""

OVERHEAD = 12
"""Bytes of a chunk apart from its data: length, kind, checksum."""


def readable_png(path: Path) -> Path | io.BytesIO:
    """Return the file itself, or a copy in memory without the ancillary chunks that Pillow does not need or accept."""
    data = path.read_bytes()
    kept = list(_kept(data))
    if sum(end - start for start, end in kept) == len(data) - len(SIGNATURE):
        return path
    return io.BytesIO(b"".join([SIGNATURE, *(data[start:end] for start, end in kept)]))


def _kept(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each chunk to be kept. A truncated chunk, or data after the end, is left to Pillow."""
    place = len(SIGNATURE)
    while place + OVERHEAD <= len(data):
        kind = data[place + 4 : place + 8]
        end = place + OVERHEAD + int.from_bytes(data[place : place + 4])
        if end > len(data):
            break
        if _is_kept(kind, data, place, end):
            yield place, end
        place = end
        if kind == b"IEND":
            break
    if place < len(data):
        yield place, len(data)


def _is_kept(kind: bytes, data: bytes, start: int, end: int) -> bool:
    is_critical = not kind[:1].islower()
    if is_critical or kind in NEEDED:
        return True
    if kind not in USED or zlib.crc32(data[start + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
        return False
    return kind != b"iCCP" or _is_profile(data[start + 8 : end - 4])


def _is_profile(chunk: bytes) -> bool:
    """Return whether an iCCP chunk (a name, 0, method 0, compressed data) can be decompressed within the limit."""
    name, _, rest = chunk.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(rest[1:], PROFILE_MOST)
    except zlib.error:
        return False
    return bool(name and profile) and unpacker.eof
