"""Labels JPEG files with XMP in an APP1 segment, EXIF if there is none yet, and a comment.

Source: XMP specification, part 3, section 1.1.3.
"""

from collections.abc import Iterator
from typing import BinaryIO

from bot.media.provenance.exif import EXIF, exif, is_ours
from bot.media.provenance.label_content import OPENING, Malformed, Mark, xmp
from bot.media.provenance.piece import Piece, Stretch, length, names_manifest, read

START, APP0, APP1, COMMENT = b"\xff\xd8", b"\xff\xe0", b"\xff\xe1", b"\xff\xfe"
SCAN, END = b"\xff\xda", b"\xff\xd9"
APP11 = b"\xff\xeb"
MANIFEST = b"jumdc2pa"
"""The first bytes of the description box of a C2PA manifest store (ISO/IEC 19566-5; C2PA specification, JPEG)."""

JUMBF_HEAD = 64
"""The marker, the JPEG's part numbers and the first two box heads of a JUMBF segment fit into this."""

XMP = b"http://ns.adobe.com/xap/1.0/\0"


def pieces(source: BinaryIO, mark: Mark) -> Iterator[Piece]:
    """Yield the picture with the mark in it, and without any earlier mark."""
    if read(source, 0, 2) != START:
        raise Malformed("it does not begin as a JPEG")
    segments = list(_segments(source))
    end = segments[-1].stretch.start + segments[-1].stretch.size if segments else 2
    others = [segment for segment in segments if not _is_earlier(source, segment)]
    firsts = [segment for segment in others if segment.marker == APP0 or segment.begins(EXIF)]
    yield START
    for segment in firsts:
        yield segment.stretch
    if not any(segment.begins(EXIF) for segment in firsts):
        yield _segment(APP1, exif(mark))
    yield _segment(APP1, XMP + xmp(mark))
    yield _segment(COMMENT, mark.statement.encode())
    for segment in others:
        if segment not in firsts:
            yield segment.stretch
    yield Stretch(end, length(source) - end)


def has_manifest(source: BinaryIO) -> bool:
    """Return whether a C2PA manifest is in the file, or linked in its XMP. Reads segment headers only."""
    if read(source, 0, 2) != START:
        return False
    for segment in _segments(source):
        start, size = segment.stretch.start, segment.stretch.size
        if segment.marker == APP11 and MANIFEST in read(source, start, min(size, JUMBF_HEAD)):
            return True
        if segment.begins(XMP) and names_manifest(source, start, size):
            return True
    return False


class _Segment:
    """One segment before the picture's own data."""

    def __init__(self, marker: bytes, stretch: Stretch, head: bytes) -> None:
        self.marker = marker
        self.stretch = stretch
        self._head = head

    def begins(self, name: bytes) -> bool:
        """Return whether this is an APP1 segment of that name."""
        return self.marker == APP1 and self._head.startswith(name)

    @property
    def is_our_comment(self) -> bool:
        """Whether an earlier mark wrote this comment."""
        return self.marker == COMMENT and self._head.startswith(OPENING.encode())


def _is_earlier(source: BinaryIO, segment: _Segment) -> bool:
    """Return whether the mark replaces this segment."""
    if segment.begins(EXIF):
        return is_ours(read(source, segment.stretch.start, segment.stretch.size))
    return segment.begins(XMP) or segment.is_our_comment


def _segments(source: BinaryIO) -> Iterator[_Segment]:
    place = 2
    while True:
        opening = read(source, place, 4)
        marker, size = opening[:2], int.from_bytes(opening[2:])
        if marker in (SCAN, END):
            return
        if marker[:1] != b"\xff" or size < 2:  # noqa: PLR2004 - a segment's length counts its own two bytes
            raise Malformed("a segment does not begin as one")
        yield _Segment(marker, Stretch(place, size + 2), read(source, place + 4, min(size - 2, len(XMP))))
        place += size + 2


def _segment(marker: bytes, data: bytes) -> bytes:
    return marker + (len(data) + 2).to_bytes(2) + data
