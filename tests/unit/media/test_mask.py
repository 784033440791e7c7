"""Tests of inverted masks, and of masks made from transparency."""

from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.decoding.mask import alpha_mask, invert_mask
from tests.unit.media.making import cut, cut_out, noise, save


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


def test_damaged_mask_is_refused(tmp_path: Path) -> None:
    path = cut(save(noise((200, 200)), tmp_path / "a.png"))
    with pytest.raises(UnusableFile):
        invert_mask(path, tmp_path / "out")
