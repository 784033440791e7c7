from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.inspect import inspect
from bot.media.preview import SIDE, preview
from bot.media.render_svg import alone
from tests.unit.media.making import cut, noise, save, sound, video

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '


def drawing(path: Path, body: str, sides: str = 'width="200" height="100"') -> Path:
    path.write_text(f"{HEAD}{sides}>{body}</svg>")
    return path


def drawn(tmp_path: Path, body: str, **more: str) -> Image.Image:
    made = preview(drawing(tmp_path / "a.svg", body, **more), tmp_path / "preview")
    assert made == tmp_path / "preview.png"
    with Image.open(made) as image:
        image.load()
        return image


def test_a_drawing_is_drawn_large_and_stays_transparent_where_it_is(tmp_path):
    image = drawn(tmp_path, '<rect width="100" height="100" fill="#ff0000"/>')
    assert image.size == (SIDE, SIDE // 2)
    assert image.getpixel((10, 10)) == (255, 0, 0, 255)
    assert image.getpixel((SIDE - 10, 10))[3] == 0


@pytest.mark.parametrize(
    "sides", ['width="200000" height="1"', 'width="1e9" height="1e9"', "", 'viewBox="0 0 1 90000"']
)
def test_no_drawing_is_drawn_larger_than_a_preview(sides, tmp_path):
    assert max(drawn(tmp_path, '<rect width="1" height="1"/>', sides=sides).size) == SIDE


@pytest.mark.parametrize(
    "link",
    ['href="{}"', "xlink:href='{}'", 'href = "{}"', 'href="file://{}"', 'href=" {}"', 'HREF="{}" href="{}"'],
)
def test_nothing_outside_of_a_drawing_is_opened(link, tmp_path):
    secret = save(Image.new("RGB", (20, 20), "red"), tmp_path / "secret.png")
    body = (
        f'<image {link.replace("{}", str(secret))} width="200" height="100"/><rect width="5" height="5" fill="blue"/>'
    )
    image = drawn(tmp_path, body) if "HREF" not in link else None
    assert str(secret) not in alone(f"<svg>{body}</svg>")
    if image is not None:
        assert image.getpixel((SIDE // 4, SIDE // 4))[3] == 0


def test_links_to_its_own_parts_and_data_stay():
    for link in ('href="#b0"', "xlink:href='data:image/png;base64,AA=='"):
        assert alone(f"<svg><use {link}/></svg>") == f"<svg><use {link}/></svg>"


@pytest.mark.parametrize(
    "body",
    [
        "<g>" * 200_000 + "</g>" * 200_000,  # overflows the renderer's stack: it must be the renderer's alone
        "<rect",
        "<g></rect>",
    ],
    ids=["deep", "cut-off", "crossed"],
)
def test_what_cannot_be_drawn_harms_nobody(body, tmp_path):
    with pytest.raises(UnusableFile, match="can't be rendered"):
        preview(drawing(tmp_path / "a.svg", body), tmp_path / "preview")


def test_entities_are_refused():
    with pytest.raises(ValueError, match="entities"):
        alone('<!DOCTYPE svg [<!entity a "b">]><svg>&a;</svg>')


def test_an_enormous_drawing_is_not_tried(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.media.preview.DRAWING_MOST", 10)
    with pytest.raises(UnusableFile, match="larger"):
        preview(drawing(tmp_path / "a.svg", ""), tmp_path / "preview")


def test_the_time_for_drawing_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.media.preview.RENDER_S", 0.001)
    with pytest.raises(UnusableFile, match="can't be rendered"):
        preview(drawing(tmp_path / "a.svg", ""), tmp_path / "preview")


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_the_still_of_a_video_is_its_first_good_frame(name, tmp_path):
    made = preview(video(tmp_path / name, size=(160, 90), dark=6), tmp_path / "still")
    assert made == tmp_path / "still.jpg"
    assert inspect(made).width == 160
    with Image.open(made) as image:
        assert max(image.convert("L").getextrema()) > 50


def test_pictures_and_sounds_need_no_still(tmp_path):
    assert preview(save(noise((9, 9)), tmp_path / "a.png"), tmp_path / "still") is None
    assert preview(sound(tmp_path / "a.wav"), tmp_path / "still") is None


def test_a_video_that_cannot_be_read_has_no_still(tmp_path):
    with pytest.raises(UnusableFile):
        preview(cut(video(tmp_path / "a.mp4"), 0.3), tmp_path / "still")
