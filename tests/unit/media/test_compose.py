"""Tests of plain colours behind cut-outs."""

from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.decoding.compose import on_colour
from tests.pixels import pixel
from tests.unit.media.making import cut, cut_out, noise, save


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


def test_damaged_picture_is_refused(tmp_path: Path) -> None:
    path = cut(save(noise((200, 200)), tmp_path / "a.png"))
    with pytest.raises(UnusableFile):
        on_colour(path, "#000000", tmp_path / "out")
