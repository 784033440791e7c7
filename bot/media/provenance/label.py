"""Labels result files, each by the rules of its format."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from bot.filetype import sniff_file
from bot.media.provenance import gif, jpeg, mp4, piece, png, riff, svg
from bot.media.provenance.mark import Malformed, Mark
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


def label(path: Path, mark: Mark) -> bool:
    """Write the mark into a file, in its place.

    Not a pixel, sample or packet changes, and labelling again changes nothing. A file that cannot carry the mark stays
    as it was; this returns False and logs the reason. No result is lost over its label.
    """
    labelled = path.with_name(f"{path.name}.labelled")
    try:
        done = _write(path, labelled, mark)
    except Malformed as error:
        log.warning("%s was not labelled: %s", path.name, error)
        done = False
    if done:
        labelled.replace(path)
    else:
        labelled.unlink(missing_ok=True)
    return done


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
