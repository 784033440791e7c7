"""Labels Ogg, MP3 and FLAC files with tags, written while every packet is copied unchanged."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyAV leaves its packets' type parameter open.

from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Stream

from bot.errors import UnusableFile
from bot.media.decoding.clip import open_clip
from bot.media.provenance.label_content import SOFTWARE, Malformed, Mark

MUXERS = {"audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/flac": "flac"}


def remux(path: Path, media: str, into: Path, mark: Mark) -> None:
    """Write a copy with tags. Raises Malformed."""
    try:
        with open_clip(path, media) as source:
            _copy(source, MUXERS[media], into, mark)
    except UnusableFile as error:
        raise Malformed(str(error)) from error


def _copy(source: InputContainer, form: str, into: Path, mark: Mark) -> None:
    with av.open(str(into), "w", format=form, options={"fflags": "+bitexact"}) as target:  # no random serial number
        tags = {"comment": mark.statement, "encoded_by": SOFTWARE}
        target.metadata.update({**source.metadata, **tags})
        streams = {each.index: target.add_stream_from_template(each) for each in source.streams if _is_copied(each)}
        for packet in source.demux():
            if packet.dts is None or packet.stream.index not in streams:
                continue
            packet.stream = streams[packet.stream.index]
            target.mux(packet)


_KINDS = frozenset({"video", "audio"})


def _is_copied(stream: Stream) -> bool:
    """Return whether a stream is copied: PyAV cannot copy a stream with an unknown codec, which has no context."""
    return stream.type in _KINDS and stream.codec_context is not None  # pyright: ignore[reportUnnecessaryComparison, reportAttributeAccessIssue] - its stub is wrong
