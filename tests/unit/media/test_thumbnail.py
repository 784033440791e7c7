from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.decoding.thumbnail import SIDE, thumbnail
from tests.pixels import colour_count
from tests.present import present
from tests.unit.media.making import cut_out, noise, save, sound, video


def made(path: Path, tmp_path: Path) -> Image.Image:
    found = present(thumbnail(path, tmp_path / "thumb"))
    assert sorted(one.name for one in tmp_path.glob("thumb*")) == [found.name]  # nothing is left behind
    with Image.open(found) as image:
        image.load()
        return image


def test_picture_becomes_small_jpeg(tmp_path):
    image = made(save(noise((1_200, 600)), tmp_path / "a.png"), tmp_path)
    assert (image.format, image.size) == ("JPEG", (SIDE, SIDE // 2))
    assert (tmp_path / "thumb.jpg").stat().st_size < 40_000


def test_transparency_is_kept(tmp_path):
    image = made(save(cut_out(), tmp_path / "a.png"), tmp_path)
    assert image.format == "WEBP"
    assert image.convert("RGBA").getchannel("A").getextrema() == (0, 255)


def test_small_picture_is_not_enlarged(tmp_path):
    assert made(save(noise((40, 30)), tmp_path / "a.png"), tmp_path).size == (40, 30)


def test_video_is_shown_by_its_first_good_frame(tmp_path):
    image = made(video(tmp_path / "a.mp4", dark=5), tmp_path)
    assert image.size == (SIDE, SIDE * 9 // 16)
    assert colour_count(image) > 100


def test_drawing_is_rendered(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>'
    )
    assert made(path, tmp_path).size == (SIDE, SIDE // 2)


def test_sound_is_shown_by_symbol(tmp_path):
    image = made(sound(tmp_path / "a.wav"), tmp_path)
    assert image.size == (SIDE, SIDE)
    assert colour_count(image) > 1


def test_damaged_file_is_refused(tmp_path):
    path = save(noise((200, 200)), tmp_path / "a.png")
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(UnusableFile):
        thumbnail(path, tmp_path / "thumb")
