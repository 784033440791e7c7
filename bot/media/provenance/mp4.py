"""Labels MP4 and QuickTime files with tags in `moov.udta.meta.ilst`, and XMP in a `uuid` box at the end.

Picture and sound data is not touched. If the data follows the enlarged `moov`, its offset tables are adjusted (ISO/IEC
14496-12, sections 8.7.5, 8.10.1; the tags are Apple's; XMP specification, part 3, section 1.2.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from bot.media.provenance.label_content import SOFTWARE, Malformed, Mark, xmp
from bot.media.provenance.piece import Piece, Stretch, length, read

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
MANIFEST_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The box with a C2PA manifest store (C2PA specification, "Embedding manifests into BMFF-based assets")."""

MOOV_MOST = 64 << 20
WIDE, TO_END = 1, 0
"""Special sizes: the real size follows in eight bytes; the box extends to the end of the file."""

UTF_8 = 1
HANDLER = bytes(8) + b"mdirappl" + bytes(9)


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its kind, and the positions of its start, its body and its end."""

    kind: bytes
    start: int
    body: int
    end: int


def pieces(source: BinaryIO, mark: Mark) -> Iterator[Piece]:
    """Yield the clip with the mark in it, and without any earlier mark."""
    boxes = list(_top(source))
    kinds = [box.kind for box in boxes]
    if kinds.count(b"moov") != 1:
        raise Malformed("it has not one moov box")
    for box in boxes:
        if box.kind == b"moov" and b"moof" not in kinds:  # fragments have a different kind of offset
            yield _tagged(_read_moov(source, box), box.end, mark)
        elif box.kind == b"uuid" and read(source, box.body, 16) == XMP_UUID:
            continue
        elif read(source, box.start, 4) == bytes(4):  # a box that reaches "to the end" would swallow added data
            yield (box.end - box.start).to_bytes(4)
            yield Stretch(box.start + 4, box.end - box.start - 4)
        else:
            yield Stretch(box.start, box.end - box.start)
    yield _box(b"uuid", XMP_UUID + xmp(mark))


def has_manifest(source: BinaryIO) -> bool:
    """Return whether a C2PA manifest is in the file (a `uuid` box). Reads box headers only."""
    return any(box.kind == b"uuid" and read(source, box.body, 16) == MANIFEST_UUID for box in _top(source))


def _top(source: BinaryIO) -> Iterator[Box]:
    place, end = 0, length(source)
    while place < end:
        head = read(source, place, min(16, end - place))
        box = _at(head, 0, end - place)
        if box is None:
            raise Malformed("a box does not fit into the file")
        yield Box(box.kind, place, place + box.body, place + box.end)
        place += box.end


def _at(data: bytes | bytearray, place: int, end: int) -> Box | None:
    """Return the box that begins there; None if it is absent or does not fit. `data` need only contain its header."""
    size, kind, body = int.from_bytes(data[place : place + 4]), bytes(data[place + 4 : place + 8]), place + 8
    if size == WIDE:
        size, body = int.from_bytes(data[place + 8 : place + 16]), place + 16
    elif size == TO_END:
        size = end - place
    if body > end or place + size > end or place + size < body:
        return None
    return Box(kind, place, body, place + size)


def _inside(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes in a range; a list may end with four zero bytes."""
    place = start
    while end - place >= 8 and data[place : place + 4] != bytes(4):  # noqa: PLR2004 - the smallest box
        box = _at(data, place, end)
        if box is None:
            raise Malformed("a box does not fit into its parent")
        yield box
        place = box.end


def _read_moov(source: BinaryIO, box: Box) -> bytearray:
    if box.end - box.start > MOOV_MOST or box.body - box.start != 8:  # noqa: PLR2004 - a plain head
        raise Malformed("its moov box is too large")
    return bytearray(read(source, box.body, box.end - box.body))


def _tagged(moov: bytearray, ended: int, mark: Mark) -> bytes:
    """Return the moov box with the tags; all offsets to data after it are moved by the growth of the box."""
    others, user_data = bytearray(), b""
    grown = bytearray()
    for box in _inside(moov, 0, len(moov)):
        whole = moov[box.start : box.end]
        if box.kind == b"udta":
            user_data += bytes(moov[box.body : box.end])
        else:
            others += whole
    grown = others + _user_data(user_data, mark)
    _shift(grown, 0, len(grown), ended, len(grown) - len(moov))
    return _box(b"moov", bytes(grown))


_PARENTS = frozenset({b"trak", b"mdia", b"minf", b"stbl"})
_PLACES = {b"stco": 4, b"co64": 8}


def _shift(data: bytearray, start: int, end: int, ended: int, by: int) -> None:
    """Move the offsets of all chunks after `ended`."""
    for box in _inside(data, start, end):
        if box.kind in _PARENTS:
            _shift(data, box.body, box.end, ended, by)
        elif box.kind in _PLACES:
            _shift_table(data, box, _PLACES[box.kind], ended, by)


def _shift_table(data: bytearray, box: Box, width: int, ended: int, by: int) -> None:
    first = box.body + 8
    count = int.from_bytes(data[box.body + 4 : first])
    if first + count * width > box.end:
        raise Malformed("a table is longer than its box")
    for place in range(first, first + count * width, width):
        at = int.from_bytes(data[place : place + width])
        if at >= ended:
            try:
                data[place : place + width] = (at + by).to_bytes(width)
            except OverflowError as error:
                raise Malformed("it is too long for its tables") from error


def _user_data(user_data: bytes, mark: Mark) -> bytes:
    """Return the udta box: its earlier content, with our tags among Apple's."""
    ours = {b"\xa9cmt": mark.statement, b"\xa9too": SOFTWARE}
    others, items = b"", b""
    for box in _inside(user_data, 0, len(user_data)):
        if box.kind == b"meta":
            items += _items(user_data[box.body : box.end], frozenset(ours))
        else:
            others += user_data[box.start : box.end]
    items += b"".join(
        _box(kind, _box(b"data", UTF_8.to_bytes(4) + bytes(4) + text.encode())) for kind, text in ours.items()
    )
    meta = _box(b"meta", bytes(4) + _box(b"hdlr", HANDLER) + _box(b"ilst", items))
    return _box(b"udta", others + meta)


def _items(meta: bytes, replaced: frozenset[bytes]) -> bytes:
    """Return the tags of a meta box, except for those that are replaced."""
    start = 0 if meta[4:8] == b"hdlr" else 4  # QuickTime leaves out version and flags
    return b"".join(
        meta[item.start : item.end]
        for box in _inside(meta, start, len(meta))
        if box.kind == b"ilst"
        for item in _inside(meta, box.body, box.end)
        if item.kind not in replaced
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4) + kind + body
