"""Detects media types from a file's content, because names and declared types cannot be trusted."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEAD_BYTES = 65_536
"""How many leading bytes of a file `sniff` needs: comments may precede a drawing. Most kinds need fewer."""

EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/webm": "weba",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
}

MAY_BE_SOUND = frozenset({"video/mp4", "video/quicktime", "video/webm", "video/ogg"})
"""Declared types of files that may contain only audio, which only their content shows."""

_ID3 = b"ID3"
_ID3_HEAD = 10
_ID3_TAGS_MAX = 8
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (_ID3, "audio/mpeg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_RIFF_HEADS = frozenset({b"RIFF", b"RF64"})
"""RF64 allows audio of any length (EBU Tech 3306); some encoders always write it."""
_EBML_HEAD = 4_096
_MPEG_LAYER_3 = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x00-\xff]")
_ADTS = re.compile(rb"\xff[\xf0\xf1\xf8\xf9][\x00-\xff]")
_NO_BITRATE = frozenset({0, 15})
_NO_FREQUENCY = 3
_LAST_ADTS_FREQUENCY = 12
_STILL_BRANDS = frozenset(
    {b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
    | {b"avci", b"avcs", b"crx ", b"jp2 ", b"jpx "}
)
"""Pictures that Easel does not support: AVIF, HEIF, camera raw files and JPEG 2000."""
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B "})
_BOX_HEAD = 8
_FIRST_BOXES = frozenset({b"moov", b"wide", b"free", b"skip", b"pnot"})
_MOVIE_BOXES = frozenset({b"mvhd", b"cmov"})

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?svg[\s>/]")
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+(?:[A-Za-z_][\w.-]{0,40}:)?svg(?=[\s>\[])", re.IGNORECASE)
_DOCTYPE_MARK = re.compile(rb"""["'\[\]>]|<!--|<\?""")


def sniff(head: bytes) -> str | None:
    """Return the media type of a file that begins with these bytes, or None for a kind that Easel does not handle."""
    head = head[:HEAD_BYTES]
    for magic, media in _MAGIC:
        if head.startswith(magic):
            return media
    if head[:4] in _RIFF_HEADS:
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if _is_old_quicktime(head):
        return "video/quicktime"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:_EBML_HEAD] else None
    return _raw_audio(head) or ("image/svg+xml" if svg_prolog(as_utf8(head)) else None)


def sniff_file(path: Path) -> str | None:
    """Return the media type of a file by its first bytes, or None for everything Easel does not support.

    Audio formats other than MP3 may also begin with an ID3 tag, so the bytes after the tag decide.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if not head.startswith(_ID3):
            return sniff(head)
        after = sniff(_after_id3_tags(file, head))
    return after if after in {"audio/aac", "audio/flac"} else "audio/mpeg"


def as_utf8(text: bytes) -> bytes:
    """Convert text to UTF-8 if its byte order mark says UTF-16, which drawings may use; return other text unchanged."""
    if not text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return text
    return text.decode("utf-16", "replace").encode("utf-8", "replace")


def extension(media: str) -> str:
    """Return the usual file name extension of a media type, without the dot; `bin` for an unknown type."""
    return EXTENSIONS.get(media, "bin")


@dataclass(frozen=True, slots=True)
class SvgProlog:
    """The part of a drawing before its root element: the positions of the root and of the document type, if any."""

    root: int
    doctype: tuple[int, int] | None = None


def svg_prolog(data: bytes) -> SvgProlog | None:
    """Read the part before the <svg> element: a declaration, comments, and a document type with its subset.

    Returns None if something else comes first, or the root element is not within these bytes. Takes linear time.
    """
    place: int = len(b"\xef\xbb\xbf") if data.startswith(b"\xef\xbb\xbf") else 0
    doctype: tuple[int, int] | None = None
    while True:
        while data[place : place + 1].isspace():
            place += 1
        start = place
        if data.startswith(b"<?", place):
            place = _after(data, b"?>", place)
        elif data.startswith(b"<!--", place):
            place = _after(data, b"-->", place + 4)
        elif doctype is None and (named := _DOCTYPE.match(data, place)):
            place = _after_doctype(data, named.end())
            doctype = (start, place)
        else:
            return SvgProlog(place, doctype) if _ROOT.match(data, place) else None
        if place < 0:
            return None


def _after(data: bytes, end: bytes, place: int) -> int:
    found = data.find(end, place)
    return found + len(end) if found >= 0 else -1


def _after_doctype(data: bytes, place: int) -> int:
    """Return the position after the document type; -1 if it does not end."""
    inside = False
    while place >= 0 and (mark := _DOCTYPE_MARK.search(data, place)):
        place = mark.end()
        if mark[0] in b"\"'":
            place = _after(data, mark[0], place)
        elif mark[0] == b"<!--":
            place = _after(data, b"-->", place)
        elif mark[0] == b"<?":
            place = _after(data, b"?>", place)
        elif mark[0] in b"[]":
            inside = mark[0] == b"["
        elif not inside:
            return place
    return -1


def _after_id3_tags(file: BinaryIO, head: bytes) -> bytes:
    """Read the bytes after the ID3 tags: editors put new tags in front of existing ones.

    The size of a tag is stored as four times seven bits (ID3v2.4.0, section 3.1).
    """
    place = 0
    for _ in range(_ID3_TAGS_MAX):
        size = 0
        for byte in head[6:_ID3_HEAD]:
            size = size << 7 | byte & 0x7F
        place += _ID3_HEAD + size
        file.seek(place)
        head = file.read(_ID3_HEAD)
        if not head.startswith(_ID3):
            break
    return head


def _iso_media(brand: bytes) -> str | None:
    if brand in _STILL_BRANDS:
        return None
    if brand in _AUDIO_BRANDS:
        return "audio/mp4"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _is_old_quicktime(head: bytes) -> bool:
    """Return whether this begins like a movie from before the file type box existed (2001), or with a `wide` box.

    Cameras and editors still write such files. The first box must end at another: four letters prove little.
    """
    size, kind = int.from_bytes(head[:4]), head[4:8]
    if kind == b"mdat":  # usually longer than these bytes; its size field is 1 if the real size follows
        return size == 1 or size > _BOX_HEAD
    if kind not in _FIRST_BOXES or size < _BOX_HEAD:
        return False
    following = head[size + 4 : size + 8]
    return following in _FIRST_BOXES | {b"mdat"} or (kind == b"moov" and head[12:16] in _MOVIE_BOXES)


def _raw_audio(head: bytes) -> str | None:
    if _is_mpeg_audio(head):
        return "audio/mpeg"
    return "audio/aac" if _is_adts(head) else None


def _is_mpeg_audio(head: bytes) -> bool:
    """Return whether this begins with an MPEG layer III frame header: 11 set bits, a legal version, layer and rate."""
    if not _MPEG_LAYER_3.match(head):
        return False
    bitrate, frequency = head[2] >> 4, head[2] >> 2 & 3
    return bitrate not in _NO_BITRATE and frequency != _NO_FREQUENCY


def _is_adts(head: bytes) -> bool:
    """Return whether this begins with an AAC frame: 12 set bits, layer 0 (ISO/IEC 13818-7, section 6.2)."""
    return bool(_ADTS.match(head)) and head[2] >> 2 & 0xF <= _LAST_ADTS_FREQUENCY
