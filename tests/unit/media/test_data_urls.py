"""Tests of files that are sent as data: URLs, smaller if necessary."""

import asyncio
import base64
import io
from pathlib import Path

from PIL import Image

from bot.media.data_urls import INLINE_BYTES, data_url
from bot.media.media_tools import MediaTools
from tests.unit.media.direct_runner import DirectRunner
from tests.unit.media.making import cut, cut_out, noise, save, sound, video


def smaller_data_url(path: Path, max_bytes: int = INLINE_BYTES) -> str | None:
    return asyncio.run(MediaTools(DirectRunner()).smaller_data_url(path, path.with_name("smaller"), max_bytes))


def unpack(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def test_small_file_becomes_a_data_url_unchanged(tmp_path: Path) -> None:
    path = save(noise((50, 50)), tmp_path / "a.png")
    url = data_url(path)
    assert url is not None
    assert url.startswith("data:image/png;base64,")
    assert base64.b64decode(url.partition(",")[2]) == path.read_bytes()


def test_audio_becomes_a_data_url_only_if_it_fits(tmp_path: Path) -> None:
    url = data_url(sound(tmp_path / "a.mp3"))
    assert url is not None
    assert url.startswith("data:audio/mpeg;base64,")
    assert data_url(sound(tmp_path / "a.wav", seconds=3)) is None


def test_large_picture_is_re_encoded_to_fit_into_a_data_url(tmp_path: Path) -> None:
    path = save(noise((700, 700)), tmp_path / "a.png")
    assert data_url(path) is None
    url = smaller_data_url(path)
    assert url is not None
    assert len(url) <= INLINE_BYTES < path.stat().st_size
    assert url.startswith("data:image/jpeg;base64,")
    assert unpack(url).width >= 350


def test_large_picture_keeps_its_transparency_in_a_data_url(tmp_path: Path) -> None:
    url = smaller_data_url(save(cut_out((1200, 900)), tmp_path / "a.png"))
    assert url is not None
    assert unpack(url).mode == "RGBA"


def test_limit_applies_to_the_whole_data_url(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    for size in range(1_000, 1_010):
        path.write_bytes(b"OggS".ljust(size, b"\0"))
        exact = len("data:audio/ogg;base64,") + (size + 2) // 3 * 4
        url = data_url(path, exact + 4)
        assert url is not None
        assert len(url) == exact
        assert data_url(path, exact - 1) is None


def test_files_that_cannot_be_reduced_have_no_data_url(tmp_path: Path) -> None:
    assert smaller_data_url(save(noise((900, 900)), tmp_path / "a.png"), 10_000) is None
    assert smaller_data_url(video(tmp_path / "a.mp4"), 10_000) is None
    assert smaller_data_url(cut(save(noise((700, 700)), tmp_path / "b.png"))) is None
    small = save(noise((50, 50)), tmp_path / "d.png")
    assert smaller_data_url(small) == data_url(small)
    (tmp_path / "c").write_bytes(b"unknown")
    assert smaller_data_url(tmp_path / "c") is None
