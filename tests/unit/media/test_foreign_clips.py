"""Tests that Easel accepts the clips that browsers and phones accept, and measures them as they play."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.decoding.inspect import inspect
from bot.media.decoding.poster import poster
from bot.media.decoding.transcode import fit_video
from bot.media.provenance.label import label
from bot.media.provenance.label_content import Mark
from tests.pixels import pixel
from tests.unit.media.making import clip, cut, video

MARK = Mark("a/model", "j", "K7QF-2M")


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.mov"])
def test_clip_with_longer_audio_than_video_has_the_length_of_its_audio(name, tmp_path):
    path = clip(tmp_path / name, [n / 25 for n in range(25)], sound_s=3)
    assert inspect(path).duration_ms == pytest.approx(3_000, abs=80)


@pytest.mark.parametrize("kind", [b"free", b"skip", b"wide"])
def test_quicktime_movie_that_does_not_say_its_kind_is_accepted(kind, tmp_path):
    path = clip(tmp_path / "a.mov", [n / 25 for n in range(25)])
    data = path.read_bytes()
    assert data[4:8] == b"ftyp"
    path.write_bytes(data[:4] + kind + data[8:])
    found = inspect(path)
    assert (found.media, found.duration_ms) == ("video/quicktime", pytest.approx(1_000, abs=80))
    assert label(path, MARK)
    assert inspect(path).duration_ms == found.duration_ms


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_clip_with_a_still_picture_is_accepted(name, tmp_path):
    assert inspect(clip(tmp_path / name, [0.0], sound_s=4)).duration_ms == pytest.approx(4_000, abs=80)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_clip_with_a_variable_frame_rate_is_accepted(name, tmp_path):
    path = clip(tmp_path / name, [0, 0.04, 0.08, 1.5, 1.54, 4.0], sound_s=5)
    assert inspect(path).duration_ms == pytest.approx(5_000, abs=80)


def test_browser_recording_has_a_length_and_a_copy(tmp_path):
    """MediaRecorder writes neither lengths nor sizes, because it does not know them yet."""
    path = clip(tmp_path / "a.webm", [n / 25 for n in range(75)], live=True)
    with av.open(str(path)) as container:
        assert container.duration is None
    assert inspect(path).duration_ms == pytest.approx(3_000, abs=80)
    assert fit_video(path, "video/webm", 60_000, tmp_path / "small")
    assert inspect(tmp_path / "small").duration_ms == pytest.approx(3_000, abs=80)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_truncated_clip_is_refused_at_any_frame_rate(name, share, tmp_path):
    path = clip(tmp_path / name, [n / 25 for n in range(50)], sound_s=3)
    if name == "a.mp4":
        faststart(path)
    with pytest.raises(UnusableFile):
        inspect(cut(path, share))


def faststart(path: Path) -> None:
    """Move the index to the front, as in files for the web."""
    with av.open(str(path)) as source, av.open(str(path) + ".mp4", "w", options={"movflags": "+faststart"}) as target:
        streams = {each.index: target.add_stream_from_template(each) for each in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    Path(f"{path}.mp4").replace(path)


def test_clip_truncated_inside_its_first_frame_is_refused(tmp_path):
    """PyAV issue 2344: such a stream has no decoder, and decoding it crashes the process."""
    path = video(tmp_path / "a.mp4")
    faststart(path)
    data = path.read_bytes()
    begin = data.index(b"mdat")
    for size in (begin + 4, begin + 10, begin + 40):
        path.write_bytes(data[:size])
        with pytest.raises(UnusableFile):
            inspect(path)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_clip_is_measured_and_shown_upright(rotation, tmp_path):
    path = clip(tmp_path / "a.mp4", [n / 25 for n in range(25)], rotation=rotation, size=(96, 64))
    sides = (96, 64) if rotation == 180 else (64, 96)
    info = inspect(path)
    assert (info.width, info.height) == sides
    poster(path, tmp_path / "still.png")
    with Image.open(tmp_path / "still.png") as still:
        assert still.size == sides
        corner = red_corner(still)
    small = tmp_path / "small"
    assert fit_video(path, "video/mp4", 60_000, small)
    copy = inspect(small)
    assert (copy.width, copy.height) == sides
    poster(small, tmp_path / "copy.png")
    with Image.open(tmp_path / "copy.png") as still:
        assert red_corner(still) == corner == EXPECTED[rotation]


EXPECTED = {90: "lower left", 180: "lower right", 270: "upper right"}
"""The red corner's place for each counterclockwise rotation in degrees."""


def red_corner(image: Image.Image) -> str:
    places = {
        f"{row} {column}": pixel(image.convert("RGB"), (x, y))
        for row, y in (("upper", image.height // 4), ("lower", 3 * image.height // 4))
        for column, x in (("left", image.width // 4), ("right", 3 * image.width // 4))
    }
    return max(places, key=lambda place: places[place][0] - places[place][2])


def test_size_of_a_clip_with_oblong_pixels_is_the_size_shown(tmp_path):
    path = clip(tmp_path / "a.mp4", [0, 0.04, 0.08], size=(64, 64), sar=Fraction(16, 9))
    assert (inspect(path).width, inspect(path).height) == (114, 64)
    poster(path, tmp_path / "still.png")
    assert inspect(tmp_path / "still.png").width == 114


def test_absurd_pixel_aspect_ratio_is_ignored(tmp_path):
    path = clip(tmp_path / "a.mp4", [0, 0.04, 0.08], size=(64, 64), sar=Fraction(30_000, 1))
    assert inspect(path).width == 64
    poster(path, tmp_path / "still.jpg")


def test_edit_list_decides_the_length(tmp_path):
    path = clip(tmp_path / "a.mp4", [n / 25 for n in range(100)])
    assert inspect(path).duration_ms == pytest.approx(4_000, abs=50)
    trimmed(path, begin_s=1.0, length_s=2.0)
    assert inspect(path).duration_ms == pytest.approx(2_000, abs=80)


def trimmed(path: Path, *, begin_s: float, length_s: float) -> None:
    """Change the edit list of the only track, as trimming by stream copy does."""
    data = bytearray(path.read_bytes())
    place = data.index(b"elst") + 4
    movie = int.from_bytes(data[data.index(b"mvhd") + 16 :][:4])
    media = int.from_bytes(data[data.index(b"mdhd") + 16 :][:4])
    assert data[place] == 0
    data[place + 8 : place + 16] = struct.pack(">II", round(length_s * movie), round(begin_s * media))
    for box, offset in ((b"mvhd", 20), (b"tkhd", 24)):
        at = data.index(box) + offset
        data[at : at + 4] = struct.pack(">I", round(length_s * movie))
    path.write_bytes(data)


def test_clip_with_an_unknown_audio_codec_plays_without_audio(tmp_path):
    path = clip(tmp_path / "a.mp4", [n / 25 for n in range(25)], sound_s=1)
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"zzzz"))
    assert inspect(path).width == 64
    assert fit_video(path, "video/mp4", 60_000, tmp_path / "small")


@pytest.mark.parametrize("name", ["a.webm", "a.mp4"])
def test_copy_keeps_the_sound_before_the_first_picture(name, tmp_path):
    path = clip(tmp_path / name, [3 + n / 25 for n in range(50)], sound_s=5)
    assert inspect(path).duration_ms == pytest.approx(5_000, abs=80)
    assert fit_video(path, "video/webm" if name == "a.webm" else "video/mp4", 60_000, tmp_path / "small")
    assert inspect(tmp_path / "small").duration_ms == pytest.approx(5_000, abs=80)
