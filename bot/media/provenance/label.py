"""Labels result files, each according to the rules of its format."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from bot.filetype import sniff_file
from bot.media.provenance import gif, jpeg, mp4, piece, png, riff, svg
from bot.media.provenance.content_credentials import is_signed_by_us, sign
from bot.media.provenance.credential_records import SigningKey
from bot.media.provenance.label_content import Malformed, Mark
from bot.media.provenance.manifest_search import has_manifest
from bot.media.provenance.piece import Piece
from bot.media.provenance.remux import MUXERS, remux

Format = Callable[[BinaryIO, Mark], Iterator[Piece]]

FORMATS: dict[str, Format] = {
    "image/png": png.pieces,
    "image/jpeg": jpeg.pieces,
    "image/webp": riff.webp,
    "image/gif": gif.pieces,
    "image/svg+xml": svg.pieces,
    "video/mp4": mp4.pieces,
    "video/quicktime": mp4.pieces,
    "audio/mp4": mp4.pieces,
    "audio/wav": riff.wav,
}

log = logging.getLogger(__name__)


def label(path: Path, mark: Mark, signing: SigningKey | None = None) -> bool:
    """Write the mark into a file in place.

    No pixel, sample or packet changes, and labelling again changes nothing. If the file cannot contain the mark, it is
    left unchanged, and this returns False and logs the reason; a failed label never loses a result.

    One changed byte would invalidate the provider's content credentials (C2PA) in a file. Such a file is left unchanged
    unless the operator has a key: then it is labelled and signed, and the provider's manifest becomes the parent.
    """
    is_signed = has_manifest(path)
    if is_signed and signing is None:
        log.info("%s keeps its content credentials; no label is written into it", path.name)
        return False
    if signing is not None and is_signed_by_us(path, mark):
        return True
    labelled = path.with_name(f"{path.name}.labelled")
    try:
        if not _write(path, labelled, mark):
            return False
        if signing is not None and not _sign(path, labelled, mark, signing, is_signed=is_signed):
            return False
        labelled.replace(path)
    except Malformed as error:
        log.warning("%s was not labelled: %s", path.name, error)
        return False
    finally:
        labelled.unlink(missing_ok=True)
    return True


def _sign(path: Path, labelled: Path, mark: Mark, signing: SigningKey, *, is_signed: bool) -> bool:
    """Sign the labelled copy in place. Without a signature, the copy can still replace a file that had none."""
    signed = path.with_name(f"{path.name}.signed")
    try:
        done = sign(labelled, signed, mark, signing, parent=path if is_signed else None)
        if done:
            signed.replace(labelled)
    except Malformed as error:
        log.warning("%s was not signed: %s", path.name, error)
        done = False
    finally:
        signed.unlink(missing_ok=True)
    return done or not is_signed


def _write(path: Path, into: Path, mark: Mark) -> bool:
    media = sniff_file(path) or ""
    if media in MUXERS:
        remux(path, media, into, mark)
        return True
    if media not in FORMATS:
        return False
    with path.open("rb") as source, into.open("wb") as target:
        piece.write(FORMATS[media](source, mark), source, target)
    return True
