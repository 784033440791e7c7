"""Tests of the frame that stands for a video."""

from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.decoding.inspect import inspect
from bot.media.decoding.poster import poster
from tests.pixels import pixel
from tests.unit.media.making import cut, sound, video


def test_poster_is_the_first_frame_that_is_not_black(tmp_path: Path) -> None:
    poster(video(tmp_path / "a.mp4", dark=12), tmp_path / "poster.jpg")
    info = inspect(tmp_path / "poster.jpg")
    assert (info.media, info.width, info.height) == ("image/jpeg", 320, 180)
    with Image.open(tmp_path / "poster.jpg") as shown:
        assert pixel(shown.convert("RGB").reduce(200), (0, 0))[0] > 60


def test_poster_of_a_black_video_is_its_first_frame(tmp_path: Path) -> None:
    poster(video(tmp_path / "a.mp4", dark=24), tmp_path / "poster.png")
    assert inspect(tmp_path / "poster.png").media == "image/png"


def test_poster_of_audio_or_a_damaged_video_is_refused(tmp_path: Path) -> None:
    for path in (sound(tmp_path / "a.wav"), cut(video(tmp_path / "a.mp4"))):
        with pytest.raises(UnusableFile):
            poster(path, tmp_path / "poster.png")
