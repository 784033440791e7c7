"""Detection of media types from a file's content, because names and declared types cannot be trusted."""

import re

HEAD_BYTES = 4_096
"""How many leading bytes of a file `sniff` needs; most kinds are recognized from fewer."""

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
    "audio/ogg": "ogg",
    "audio/flac": "flac",
}

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_MPEG_LAYER_3 = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x00-\xff]")
_NO_BITRATE = frozenset({0, 15})
_NO_FREQUENCY = 3
_STILL_BRANDS = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"})
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B "})

# The <svg> element may follow an XML declaration, comments and a document type.
_SVG = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*|<!DOCTYPE\s+svg[^>]*>\s*)*<svg[\s>]", re.DOTALL)


def sniff(head: bytes) -> str | None:
    """Return the media type of a file that begins with these bytes, or None for a kind that Easel does not handle."""
    for magic, media in _MAGIC:
        if head.startswith(magic):
            return media
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:HEAD_BYTES] else None
    if _is_mpeg_audio(head):
        return "audio/mpeg"
    return "image/svg+xml" if _SVG.match(head.removeprefix(b"\xef\xbb\xbf")) else None


def extension(media: str) -> str:
    """Return the usual file name extension of a media type, without the dot; `bin` for an unknown type."""
    return EXTENSIONS.get(media, "bin")


def _iso_media(brand: bytes) -> str | None:
    if brand in _STILL_BRANDS:
        return None
    if brand in _AUDIO_BRANDS:
        return "audio/mp4"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _is_mpeg_audio(head: bytes) -> bool:
    """Tell whether this begins with an MPEG layer III frame header: 11 set bits, a legal version, layer and rate."""
    if not _MPEG_LAYER_3.match(head):
        return False
    bitrate, frequency = head[2] >> 4, head[2] >> 2 & 3
    return bitrate not in _NO_BITRATE and frequency != _NO_FREQUENCY
