"""Opening video and sound: only as the kind of container that the bytes show, and only from the one file.

The demuxer is chosen here and not by guessing, since some (playlists, concatenations) open further files and addresses.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError

from bot.catalogue.refusals import unusable

DEMUXERS = {
    "image/gif": "gif",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "audio/mp4": "mov",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
}

BROKEN = (FFmpegError, ValueError, IndexError, StopIteration)


@contextmanager
def open_clip(path: Path, media: str, *, name: str = "") -> Generator[InputContainer]:
    """Open a clip for reading. Whatever shows itself as broken inside the block comes out as UnusableFile."""
    try:
        with av.open(f"file:{path}", format=DEMUXERS[media], options={"protocol_whitelist": "file"}) as container:
            yield container
    except BROKEN as error:
        raise unusable(name or path.name, "file-damaged") from error
