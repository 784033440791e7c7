"""Tests that label every kind of result and compare pixels and packets with independent readers."""

import hashlib
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from bot.media.decoding.inspect import inspect
from bot.media.provenance import label as labels
from bot.media.provenance.label import FORMATS, label
from bot.media.provenance.label_content import SOURCE_TYPE, Mark
from bot.media.provenance.remux import MUXERS
from tests.unit.media.making import cut, cut_out, noise, save, sound, video

MARK = Mark("black-forest-labs/flux-schnell", "01JOB0000000000000000AB", "K7QF-2M")
NEXT = Mark("recraft-ai/recraft-crisp-upscale", "01JOB0000000000000000CD", "M3XW-9P")
DRAWING = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9"/></svg>'


def animation(path: Path) -> Path:
    frames = [noise((40, 30)) for _ in range(4)]
    return save(frames[0], path, save_all=True, append_images=frames[1:], duration=100, loop=0)


def drawing(path: Path) -> Path:
    path.write_text(DRAWING)
    return path


MAKERS = {
    "a.png": lambda path: save(noise((70, 50)), path),
    "clear.png": lambda path: save(cut_out((90, 60)), path),
    "palette.png": lambda path: save(noise((70, 50)).quantize(16), path),
    "a.jpg": lambda path: save(noise((70, 50)), path),
    "progressive.jpg": lambda path: save(noise((70, 50)), path, progressive=True, comment="mine"),
    "lossy.webp": lambda path: save(noise((71, 53)), path),
    "lossless.webp": lambda path: save(noise((71, 53)), path, lossless=True),
    "clear.webp": lambda path: save(cut_out((90, 60)), path),
    "clear-lossless.webp": lambda path: save(cut_out((90, 60)), path, lossless=True),
    "moving.webp": animation,
    "a.gif": lambda path: save(noise((70, 50)).quantize(16), path),
    "moving.gif": animation,
}
CLIPS = {
    "a.mp4": video,
    "sung.mp4": lambda path: video(path, sound=True),
    "a.mov": video,
    "a.wav": sound,
    "a.ogg": sound,
    "a.mp3": sound,
    "a.m4a": sound,
    "a.flac": sound,
}
ALL = {**MAKERS, **CLIPS, "a.svg": drawing}


def pixels(path: Path) -> list[tuple[int, bytes]]:
    with Image.open(path) as image:
        return [
            (frame.info.get("duration", 0), frame.convert("RGBA").tobytes()) for frame in ImageSequence.Iterator(image)
        ]


def packets(path: Path) -> list[tuple[int, int | None, bytes]]:
    """Return the packets of each stream with their times, as a player gets them."""
    with av.open(str(path)) as clip:
        return sorted(
            (packet.stream.index, packet.pts, hashlib.sha256(bytes(packet)).digest())
            for packet in clip.demux()
            if packet.pts is not None
        )


def tags(path: Path) -> dict[str, str]:
    with av.open(str(path)) as clip:
        found = dict(clip.metadata)
        for stream in clip.streams:
            found |= stream.metadata
        return {name.lower(): value for name, value in found.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Create each kind of file once."""
    folder = tmp_path_factory.mktemp("made")
    return {name: make(folder / name) for name, make in ALL.items()}


@pytest.fixture
def copy(made, tmp_path):
    return lambda name: Path(shutil.copy(made[name], tmp_path / name))


def test_every_kind_of_result_can_be_labelled(made):
    assert {inspect(path).media for path in made.values()} == set(FORMATS) | set(MUXERS)


@pytest.mark.parametrize("name", MAKERS)
def test_labelling_changes_no_pixel(name, copy):
    path = copy(name)
    before, info = pixels(path), inspect(path)
    assert label(path, MARK)
    assert pixels(path) == before
    assert inspect(path) == info


@pytest.mark.parametrize("name", CLIPS)
def test_labelling_changes_no_packet(name, copy):
    path = copy(name)
    before, info = packets(path), inspect(path)
    assert label(path, MARK)
    assert packets(path) == before
    assert inspect(path) == info


@pytest.mark.parametrize("name", sorted(set(ALL) - {"a.ogg", "a.mp3", "a.flac"}))
def test_xmp_parses_and_contains_the_iptc_source_type(name, copy):
    path = copy(name)
    label(path, MARK)
    (packet,) = rdf_in(path.read_bytes())
    told = {child.tag.rpartition("}")[2]: "".join(child.itertext()) for child in packet[0]}
    assert told["DigitalSourceType"] == SOURCE_TYPE
    assert told["AISystemUsed"] == MARK.model
    assert told["identifier"] == MARK.job
    assert told["description"].startswith("AI-generated with black-forest-labs/flux-schnell")


def rdf_in(data: bytes) -> list[ET.Element]:
    parts = data.split(b"<rdf:RDF")[1:]
    return [ET.fromstring(b"<rdf:RDF" + part.partition(b"</rdf:RDF>")[0] + b"</rdf:RDF>") for part in parts]


def test_pillow_reads_the_label_of_a_png(copy):
    path = copy("clear.png")
    label(path, MARK)
    with Image.open(path) as image:
        image.load()
        assert image.info["Comment"] == MARK.statement
        assert image.info["Software"] == "Easel"
        assert image.info["Source"] == MARK.model
        assert SOURCE_TYPE in image.info["XML:com.adobe.xmp"]


@pytest.mark.parametrize("name", ["a.jpg", "progressive.jpg", "lossy.webp", "clear-lossless.webp", "moving.webp"])
def test_pillow_reads_the_label_of_jpeg_and_webp(name, copy):
    path = copy(name)
    label(path, MARK)
    with Image.open(path) as image:
        assert SOURCE_TYPE in image.info["xmp"].decode()
        assert image.getexif()[0x010E] == MARK.statement


def test_pillow_reads_the_label_of_a_gif(copy):
    path = copy("moving.gif")
    label(path, MARK)
    with Image.open(path) as image:
        assert image.info["comment"].decode() == MARK.statement
        assert image.info["loop"] == 0


@pytest.mark.parametrize("name", CLIPS)
def test_players_read_the_label_of_video_and_audio(name, copy):
    path = copy(name)
    label(path, MARK)
    assert tags(path)["comment"] == MARK.statement


def test_labelled_drawing_is_well_formed_with_the_label_first(copy):
    path = copy("a.svg")
    label(path, MARK)
    root = ET.parse(path).getroot()
    assert [child.tag.rpartition("}")[2] for child in root] == ["metadata", "rect"]


@pytest.mark.parametrize("name", ALL)
def test_labelling_again_replaces_the_earlier_label(name, copy):
    path = copy(name)
    label(path, MARK)
    once = path.read_bytes()
    label(path, MARK)
    assert path.read_bytes() == once
    label(path, NEXT)
    data = path.read_bytes()
    assert MARK.job.encode() not in data
    assert NEXT.job.encode() in data


def test_other_metadata_is_kept(copy, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    photo = save(noise((40, 40)), tmp_path / "photo.jpg", exif=exif, comment=b"my own words")
    label(photo, MARK)
    with Image.open(photo) as image:
        assert image.getexif()[0x010F] == "a camera"
        assert b"my own words" in photo.read_bytes()
    clip = copy("a.mp4")
    with av.open(str(clip)) as source, av.open(str(tmp_path / "b.mp4"), "w") as target:
        target.metadata["title"] = "mine"
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    label(tmp_path / "b.mp4", MARK)
    assert tags(tmp_path / "b.mp4")["title"] == "mine"


def test_labelled_faststart_mp4_still_plays(copy, tmp_path):
    fast = tmp_path / "fast.mp4"
    with (
        av.open(str(copy("sung.mp4"))) as source,
        av.open(str(fast), "w", options={"movflags": "+faststart"}) as target,
    ):
        streams = [target.add_stream_from_template(stream) for stream in source.streams]
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    data = fast.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    before = packets(fast)
    assert label(fast, MARK)
    assert packets(fast) == before
    with av.open(str(fast)) as clip:
        assert sum(1 for _ in clip.decode(video=0)) == 24


def test_labelled_fragmented_mp4_still_plays(copy, tmp_path):
    path = tmp_path / "fragments.mp4"
    options = {"movflags": "frag_keyframe+empty_moov"}
    with av.open(str(copy("a.mp4"))) as source, av.open(str(path), "w", options=options) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    before = packets(path)
    assert label(path, MARK)
    assert packets(path) == before
    assert SOURCE_TYPE.encode() in path.read_bytes()


def test_data_after_the_end_of_a_file_is_tolerated(copy):
    for name in ("a.png", "a.jpg", "a.gif"):
        path = copy(name)
        path.write_bytes(path.read_bytes() + bytes(range(256)) * 10)
        before = pixels(path)
        assert label(path, MARK)
        assert pixels(path) == before


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "lossy.webp", "a.gif", "a.mp4", "a.wav"])
def test_truncated_file_is_left_unchanged(name, copy):
    path = copy(name)
    data = cut(path, 0.01).read_bytes()[:30]
    path.write_bytes(data)
    assert not label(path, MARK)
    assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["hello", "<svg/>", ""])
def test_file_that_cannot_have_a_label_is_left_unchanged(text, tmp_path):
    path = tmp_path / "file"
    path.write_text(text)
    assert not label(path, MARK)
    assert path.read_text() == text


def test_large_file_is_copied_in_blocks(tmp_path, monkeypatch):
    path = save(noise((1200, 1200)), tmp_path / "a.png")
    asked = []
    read = labels.piece.read
    monkeypatch.setattr(labels.piece, "read", lambda *given: asked.append(given[2]) or read(*given))
    label(path, MARK)
    assert max(asked) <= 1 << 20 < path.stat().st_size


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400), name=st.sampled_from(sorted(MAKERS)), at=st.floats(0, 1))
def test_any_bytes_are_labelled_or_left_unchanged(made, tmp_path_factory, data, name, at):
    whole = made[name].read_bytes()
    place = int(at * len(whole))
    path = tmp_path_factory.mktemp("bytes") / name
    spoilt = whole[:place] + data + whole[place + len(data) :]
    path.write_bytes(spoilt)
    if not label(path, MARK):
        assert path.read_bytes() == spoilt


STREAMED = {
    "both sizes 0": (0, 0),
    "both sizes unknown": (0xFFFFFFFF, 0xFFFFFFFF),
    "sound of size 0": (None, 0),
    "sound of unknown size": (None, 0xFFFFFFFF),
    "sound cut off": (None, 1 << 20),
    "whole of unknown size": (0xFFFFFFFF, None),
    "whole of size 0": (0, None),
}


@pytest.mark.parametrize(("whole", "sound_size"), STREAMED.values(), ids=STREAMED.keys())
def test_streamed_audio_is_labelled_without_noise(whole, sound_size, copy):
    path = copy("a.wav")
    data = bytearray(path.read_bytes())
    place = data.index(b"data")
    if whole is not None:
        data[4:8] = whole.to_bytes(4, "little")
    if sound_size is not None:
        data[place + 4 : place + 8] = sound_size.to_bytes(4, "little")
    path.write_bytes(data)
    samples = bytes(data[place:])
    assert label(path, MARK)
    once = path.read_bytes()
    assert once.endswith(samples)
    assert MARK.statement.encode() in once[: -len(samples)]
    assert label(path, MARK)
    assert path.read_bytes() == once
    assert tags(path)["comment"] == MARK.statement
