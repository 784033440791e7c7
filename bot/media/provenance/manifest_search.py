"""Finds C2PA manifests (content credentials) in files by plain, bounded parsing: nothing is decoded or verified.

Source: C2PA technical specification 2.2, appendix A "Embedding manifests". It works without the `c2pa` library, because
every result must be searched before Easel writes into it: one changed byte makes a signed file invalid.
"""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from bot.filetype import sniff_file
from bot.media.provenance import gif, id3, jpeg, mp4, png, riff, svg
from bot.media.provenance.label_content import Malformed

FINDERS: dict[str, Callable[[BinaryIO], bool]] = {
    "image/png": png.has_manifest,
    "image/jpeg": jpeg.has_manifest,
    "image/webp": riff.webp_has_manifest,
    "image/gif": gif.has_manifest,
    "image/svg+xml": svg.has_manifest,
    "video/mp4": mp4.has_manifest,
    "video/quicktime": mp4.has_manifest,
    "audio/mp4": mp4.has_manifest,
    "audio/wav": riff.wav_has_manifest,
    "audio/mpeg": id3.has_manifest,
    "audio/flac": id3.has_manifest,
}


def has_manifest(path: Path) -> bool:
    """Return whether a file has a C2PA manifest, valid or not, or links to one. Blocking; use a thread."""
    find = FINDERS.get(sniff_file(path) or "")
    if find is None:
        return False
    try:
        with path.open("rb") as source:
            return find(source)
    except Malformed:
        return False
