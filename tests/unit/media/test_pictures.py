"""Tests of masks, colours behind cut-outs, posters and data: URLs."""

import asyncio
import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.data_urls import INLINE_BYTES, data_url
from bot.media.decoding.compose import on_colour
from bot.media.decoding.inspect import inspect
from bot.media.decoding.mask import alpha_mask, invert_mask
from bot.media.decoding.poster import poster
from bot.media.media_tools import MediaTools
from tests.pixels import pixel
from tests.unit.media.direct_runner import DirectRunner
from tests.unit.media.making import cut, cut_out, noise, save, sound, video


def test_mask_is_inverted(tmp_path: Path) -> None:
    mask = Image.new("L", (20, 10), 0)
    mask.paste(255, (0, 0, 10, 10))
    invert_mask(save(mask, tmp_path / "mask.png"), tmp_path / "out")
    with Image.open(tmp_path / "out") as turned:
        assert (turned.format, turned.mode, turned.size) == ("PNG", "L", (20, 10))
        assert (turned.getpixel((2, 5)), turned.getpixel((15, 5))) == (0, 255)


def test_inverting_a_mask_twice_restores_it(tmp_path: Path) -> None:
    mask = noise((16, 16), "L")
    invert_mask(save(mask, tmp_path / "mask.png"), tmp_path / "once")
    invert_mask(tmp_path / "once", tmp_path / "twice")
    with Image.open(tmp_path / "twice") as twice:
        assert twice.tobytes() == mask.tobytes()


def test_transparent_parts_of_a_mask_count_as_unmarked(tmp_path: Path) -> None:
    mask = Image.new("RGBA", (10, 10), (255, 255, 255, 0))
    mask.paste((255, 255, 255, 255), (0, 0, 5, 10))
    invert_mask(save(mask, tmp_path / "mask.png"), tmp_path / "out")
    with Image.open(tmp_path / "out") as turned:
        assert (turned.getpixel((2, 5)), turned.getpixel((8, 5))) == (0, 255)


def test_alpha_mask_is_white_where_the_picture_is_transparent(tmp_path: Path) -> None:
    assert alpha_mask(save(cut_out(), tmp_path / "a.png"), tmp_path / "out")
    with Image.open(tmp_path / "out") as mask:
        assert (mask.format, mask.mode, mask.size) == ("PNG", "L", (600, 400))
        assert (mask.getpixel((0, 0)), mask.getpixel((300, 200))) == (255, 0)


def test_opaque_picture_has_no_alpha_mask(tmp_path: Path) -> None:
    assert not alpha_mask(save(noise((20, 20)), tmp_path / "a.png"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_transparent_parts_are_filled_with_the_colour(tmp_path: Path) -> None:
    path = save(cut_out(), tmp_path / "a.png")
    on_colour(path, "#ff8000", tmp_path / "out")
    with Image.open(tmp_path / "out") as composed, Image.open(path) as before:
        assert (composed.mode, composed.size) == ("RGB", before.size)
        assert composed.getpixel((0, 0)) == (255, 128, 0)
        assert composed.getpixel((300, 200)) == pixel(before, (300, 200))[:3]


def test_invalid_colour_raises_value_error(tmp_path: Path) -> None:
    path = save(cut_out(), tmp_path / "a.png")
    with pytest.raises(ValueError, match="color"):
        on_colour(path, "#nothing", tmp_path / "out")


def test_damaged_pictures_are_refused(tmp_path: Path) -> None:
    path = cut(save(noise((200, 200)), tmp_path / "a.png"))
    with pytest.raises(UnusableFile):
        invert_mask(path, tmp_path / "out")
    with pytest.raises(UnusableFile):
        on_colour(path, "#000000", tmp_path / "out")


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
