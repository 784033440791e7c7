"""Detects clips that were cut off, by the size that the container states: the duration proves nothing.

The frame rate may vary, a picture may stand still, and the audio may be longer than the video. Sources: ISO/IEC
14496-12, section 8.7 (sample tables); RFC 8794, section 6.2, and RFC 9559, section 5.1 (the size of a Matroska
segment).
"""

from pathlib import Path

from av.container import InputContainer

WHOLE_SHARE = 0.9
"""A file with less than this share of its samples has been cut off."""

EBML, SEGMENT = b"\x1aE\xdf\xa3", b"\x18S\x80g"
HEAD_BYTES = 4_096


def is_cut_off(path: Path, media: str, container: InputContainer) -> bool:
    """Return whether a part of the clip is missing. False for containers that do not state a size."""
    size = path.stat().st_size
    if media.endswith(("/mp4", "/quicktime")):
        return _lacks_samples(container, size)
    return media.endswith("/webm") and _lacks_clusters(path, size)


def _lacks_samples(container: InputContainer, size: int) -> bool:
    there = missing = 0
    for stream in container.streams:
        for entry in stream.index_entries:
            if entry.pos + entry.size <= size:
                there += 1
            else:
                missing += 1
    return there < WHOLE_SHARE * (there + missing)


def _lacks_clusters(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    header_size, body = _element(head, len(EBML))
    start = body + (header_size or 0)
    if head[start : start + len(SEGMENT)] != SEGMENT:
        return False
    segment_size, body = _element(head, start + len(SEGMENT))
    return segment_size is not None and body + WHOLE_SHARE * segment_size > size


def _element(head: bytes, place: int) -> tuple[int | None, int]:
    """Read the size of an element, None if it is unknown, and where its data begins. The size follows the id."""
    first = head[place] if place < len(head) else 0
    width = 9 - first.bit_length()
    unknown = (1 << 7 * width) - 1
    value = int.from_bytes(head[place : place + width]) & unknown
    return None if value == unknown else value, place + width
