"""Labels RIFF files (WebP and WAV), which consist of named chunks, each of even length on disk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from bot.media.provenance.exif import EXIF, exif, is_ours
from bot.media.provenance.label_content import SOFTWARE, Malformed, Mark, xmp
from bot.media.provenance.piece import Piece, Stretch, length, names_manifest, read, size_of

HEAD = 12
MANIFEST = b"C2PA"
LARGEST = 0xFFFFFFFF
INFO_MOST = 1 << 20
"""A LIST chunk larger than this is not read."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of the original: its name, and the start and size of its data."""

    name: bytes
    start: int
    size: int

    @property
    def stretch(self) -> Stretch:
        """The whole chunk, with its padding."""
        return Stretch(self.start - 8, 8 + self.size + self.size % 2)


def webp_has_manifest(source: BinaryIO) -> bool:
    """Return whether a C2PA manifest is in the picture, or linked in its XMP."""
    return any(
        chunk.name == MANIFEST or (chunk.name == b"XMP " and names_manifest(source, chunk.start, chunk.size))
        for chunk in _chunks(source, b"WEBP")
    )


def wav_has_manifest(source: BinaryIO) -> bool:
    """Return whether a C2PA manifest is in the audio file."""
    return any(chunk.name == MANIFEST for chunk in _chunks(source, b"WAVE"))


def webp(source: BinaryIO, mark: Mark) -> Iterator[Piece]:
    """Yield a WebP picture with XMP and EXIF (WebP container specification, "Extended File Format")."""
    found = _chunks(source, b"WEBP")
    others = [chunk for chunk in found if not _is_earlier(source, chunk)]
    inside: list[Piece] = [_extended(source, found), *(chunk.stretch for chunk in others)]
    if not any(chunk.name == b"EXIF" for chunk in others):
        inside.append(_chunk(b"EXIF", exif(mark).removeprefix(EXIF)))
    inside.append(_chunk(b"XMP ", xmp(mark)))
    yield from _whole(b"WEBP", inside, source)


def _is_earlier(source: BinaryIO, chunk: Chunk) -> bool:
    """Return whether the mark replaces this chunk."""
    if chunk.name == b"EXIF" and chunk.size <= INFO_MOST:
        return is_ours(read(source, chunk.start, chunk.size))
    return chunk.name in (b"VP8X", b"XMP ")


def wav(source: BinaryIO, mark: Mark) -> Iterator[Piece]:
    """Yield a WAV file with a LIST INFO chunk and XMP (XMP specification, part 3, section 1.2.5: `_PMX`).

    A streamed file does not state its length: the size of its `data` chunk, and often that of the whole file, is 0 or
    too large. Players then play everything up to the end of the file, so the label goes before the audio data.
    """
    before, sound = _up_to_sound(source)
    if sound is not None and _is_streamed(source, sound):
        yield from _before_sound(source, before, sound, mark)
        return
    found = _chunks(source, b"WAVE")
    inside = [chunk.stretch for chunk in found if not _is_wav_label(source, chunk)]
    yield from _whole(b"WAVE", [*inside, *_wav_label(source, found, mark)], source)


def _up_to_sound(source: BinaryIO) -> tuple[list[Chunk], Chunk | None]:
    """Return the chunks before the audio data, and the data chunk as its header states it."""
    head = read(source, 0, HEAD)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise Malformed("it does not begin as WAVE")
    before: list[Chunk] = []
    place, end = HEAD, length(source)
    while place + 8 <= end:
        opening = read(source, place, 8)
        chunk = Chunk(opening[:4], place + 8, int.from_bytes(opening[4:], "little"))
        if chunk.name == b"data":
            return before, chunk
        before.append(chunk)
        place = chunk.start + chunk.size + chunk.size % 2
    return before, None


def _is_streamed(source: BinaryIO, sound: Chunk) -> bool:
    """Return whether the header does not state a size, or states one beyond the end of the file."""
    whole = 8 + int.from_bytes(read(source, 4, 4), "little")
    end = length(source)
    return sound.size == 0 or sound.start + sound.size > end or not sound.start <= whole <= end + 1


def _before_sound(source: BinaryIO, before: Sequence[Chunk], sound: Chunk, mark: Mark) -> Iterator[Piece]:
    inside: list[Piece] = [chunk.stretch for chunk in before if not _is_wav_label(source, chunk)]
    inside += _wav_label(source, before, mark)
    stated = int.from_bytes(read(source, 4, 4), "little")
    grown = stated + size_of(inside) - (sound.start - 8 - HEAD)
    is_real = sound.start <= 8 + stated <= length(source) + 1 and grown < LARGEST
    yield b"RIFF" + (grown if is_real else stated).to_bytes(4, "little") + b"WAVE"
    yield from inside
    yield Stretch(sound.start - 8, length(source) - sound.start + 8)


def _is_wav_label(source: BinaryIO, chunk: Chunk) -> bool:
    """Return whether the mark replaces this chunk."""
    return chunk.name == b"_PMX" or (chunk.name == b"LIST" and read(source, chunk.start, 4) == b"INFO")


def _wav_label(source: BinaryIO, found: Sequence[Chunk], mark: Mark) -> list[Piece]:
    """Return the mark's chunks, with the entries of the original's own lists."""
    lists = [chunk for chunk in found if chunk.name == b"LIST" and _is_wav_label(source, chunk)]
    ours = {b"ICMT": mark.statement.encode(), b"ISFT": SOFTWARE.encode()}
    kept = b"".join(_items(source, lists, frozenset(ours)))
    made = b"".join(_chunk(name, text + b"\0") for name, text in ours.items())
    return [_chunk(b"LIST", b"INFO" + kept + made), _chunk(b"_PMX", xmp(mark))]


def _chunks(source: BinaryIO, form: bytes) -> list[Chunk]:
    head = read(source, 0, HEAD)
    end = 8 + int.from_bytes(head[4:8], "little")
    if head[:4] != b"RIFF" or head[8:] != form or end > length(source) + 1:
        raise Malformed(f"it does not begin as {form.decode()}")
    found: list[Chunk] = []
    place = HEAD
    while place + 8 <= end:
        opening = read(source, place, 8)
        chunk = Chunk(opening[:4], place + 8, int.from_bytes(opening[4:], "little"))
        if chunk.start + chunk.size > min(end, length(source)):
            raise Malformed("a chunk is longer than the file")
        found.append(chunk)
        place = chunk.start + chunk.size + chunk.size % 2
    return found


def _whole(form: bytes, inside: Sequence[Piece], source: BinaryIO) -> Iterator[Piece]:
    """Yield the file around these chunks, followed by any data after the original's own chunks."""
    even: list[Piece] = []
    for piece in inside:
        missing = isinstance(piece, Stretch) and piece.start + piece.size > length(source)
        even += [Stretch(piece.start, piece.size - 1), b"\0"] if isinstance(piece, Stretch) and missing else [piece]
    yield b"RIFF" + (4 + size_of(even)).to_bytes(4, "little") + form
    yield from even
    end = 8 + int.from_bytes(read(source, 4, 4), "little")
    yield Stretch(end, max(0, length(source) - end))


def _items(source: BinaryIO, lists: Sequence[Chunk], replaced: frozenset[bytes]) -> Iterator[bytes]:
    """Yield the entries of the original's own lists, except those that are replaced."""
    for chunk in lists:
        if chunk.size > INFO_MOST:
            raise Malformed("its information is too long")
        data, place = read(source, chunk.start, chunk.size), 4
        while place + 8 <= len(data):
            size = int.from_bytes(data[place + 4 : place + 8], "little")
            end = place + 8 + size + size % 2
            if data[place : place + 4] not in replaced:
                yield data[place:end].ljust(end - place, b"\0")
            place = end


def _extended(source: BinaryIO, found: Sequence[Chunk]) -> bytes:
    """Return the VP8X chunk, creating it if necessary, with the flags for EXIF and XMP."""
    first = found[0] if found else Chunk(b"", 0, 0)
    if first.name == b"VP8X":
        data = bytearray(read(source, first.start, first.size))
        data[0] |= _HAS_EXIF | _HAS_XMP
        return _chunk(b"VP8X", bytes(data))
    width, height, alpha = _sides(first.name, read(source, first.start, min(first.size, 10)))
    flags = _HAS_EXIF | _HAS_XMP | (_HAS_ALPHA if alpha else 0)
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


_HAS_XMP, _HAS_EXIF, _HAS_ALPHA = 0x04, 0x08, 0x10
_LOSSLESS_SIGN = 0x2F
_FOURTEEN_BITS = 0x3FFF


def _sides(name: bytes, head: bytes) -> tuple[int, int, bool]:
    """Read width, height and the presence of alpha from a picture's first bytes (RFC 6386 9.1; lossless format 3)."""
    if name == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(head[at : at + 2], "little") & _FOURTEEN_BITS for at in (6, 8))
        return width, height, False
    if name == b"VP8L" and head[:1] == bytes([_LOSSLESS_SIGN]):
        bits = int.from_bytes(head[1:5], "little")
        return (bits & _FOURTEEN_BITS) + 1, (bits >> 14 & _FOURTEEN_BITS) + 1, bool(bits >> 28 & 1)
    raise Malformed("its picture does not begin as one")


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
