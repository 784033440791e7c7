"""Reads ID3 version 2 tags of MP3 and FLAC files (https://id3.org/id3v2.4.0-structure, sections 3 and 4)."""

from typing import BinaryIO

from bot.media.provenance.piece import length

HEAD, FRAME_HEAD = 10, 10
VERSION_4 = 4
OBJECT = b"GEOB"
MANIFEST_TYPES = (b"application/c2pa", b"application/x-c2pa-manifest-store")
"""The media types of an embedded C2PA manifest store."""


def has_manifest(source: BinaryIO) -> bool:
    """Return whether a C2PA manifest is in the tag. Reads frame headers only."""
    source.seek(0)
    head = source.read(HEAD)
    if len(head) < HEAD or head[:3] != b"ID3":
        return False
    end = min(HEAD + _seven_bits(head[6:]), length(source))
    place = HEAD
    while place + FRAME_HEAD <= end:
        source.seek(place)
        frame = source.read(FRAME_HEAD + 1 + max(map(len, MANIFEST_TYPES)))
        if frame[:4] == OBJECT and frame[FRAME_HEAD + 1 :].startswith(MANIFEST_TYPES):
            return True
        size = _seven_bits(frame[4:8]) if head[3] == VERSION_4 else int.from_bytes(frame[4:8])
        place += FRAME_HEAD + size
    return False


def _seven_bits(data: bytes) -> int:
    """Decode a number that has seven bits in each byte."""
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
    return value
