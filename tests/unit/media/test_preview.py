from pathlib import Path

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.decoding.drawing import without_entities, without_links
from bot.media.decoding.inspect import inspect
from bot.media.decoding.preview import SIDE, preview
from tests.pixels import brightest, pixel
from tests.unit.media.making import cut, noise, save, sound, video

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '


def drawing(path: Path, body: str, sides: str = 'width="200" height="100"') -> Path:
    path.write_text(f"{HEAD}{sides}>{body}</svg>")
    return path


def drawn(tmp_path: Path, body: str, **more: str) -> Image.Image:
    made = preview(drawing(tmp_path / "a.svg", body, **more), tmp_path / "preview")
    assert made is not None
    assert made == tmp_path / "preview.png"
    with Image.open(made) as image:
        image.load()
        return image


def test_drawing_is_enlarged_and_keeps_its_transparency(tmp_path):
    image = drawn(tmp_path, '<rect width="100" height="100" fill="#ff0000"/>')
    assert image.size == (SIDE, SIDE // 2)
    assert image.getpixel((10, 10)) == (255, 0, 0, 255)
    assert pixel(image, (SIDE - 10, 10))[3] == 0


@pytest.mark.parametrize(
    "sides", ['width="200000" height="1"', 'width="1e9" height="1e9"', "", 'viewBox="0 0 1 90000"']
)
def test_preview_is_never_larger_than_its_limit(sides, tmp_path):
    assert max(drawn(tmp_path, '<rect width="100%" height="100%"/>', sides=sides).size) == SIDE


@pytest.mark.parametrize(
    "link",
    ['href="{}"', "xlink:href='{}'", 'href = "{}"', 'href="file://{}"', 'href=" {}"', 'HREF="{}" href="{}"'],
)
def test_external_links_in_a_drawing_are_not_opened(link, tmp_path):
    secret = save(Image.new("RGB", (20, 20), "red"), tmp_path / "secret.png")
    body = (
        f'<image {link.replace("{}", str(secret))} width="200" height="100"/><rect width="5" height="5" fill="blue"/>'
    )
    image = drawn(tmp_path, body) if "HREF" not in link else None
    assert str(secret) not in without_links(f"<svg>{body}</svg>")
    if image is not None:
        assert pixel(image, (SIDE // 4, SIDE // 4))[3] == 0


def test_links_to_own_parts_and_data_are_kept():
    for link in ('href="#b0"', "xlink:href='data:image/png;base64,AA=='"):
        assert without_links(f"<svg><use {link}/></svg>") == f"<svg><use {link}/></svg>"


@pytest.mark.parametrize("body", ["<rect", "<g></rect>", "&undefined;"], ids=["cut-off", "crossed", "undefined"])
def test_malformed_drawing_is_refused(body, tmp_path):
    with pytest.raises(UnusableFile, match="can't be rendered"):
        preview(drawing(tmp_path / "a.svg", body), tmp_path / "preview")


def test_text_entities_are_replaced():
    """Illustrator declares its namespaces this way."""
    text = '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;"><rect/></svg>'
    assert without_entities(text) == '<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>'


@pytest.mark.parametrize(
    "entity",
    [
        "<!ENTITY a '<image href=\"/etc/passwd\"/>'>",
        '<!ENTITY a "&b;&b;"><!ENTITY b "x">',
        '<!ENTITY % a "x">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY a "&#60;image/&#62;">',
    ],
)
def test_entities_with_markup_are_refused(entity):
    with pytest.raises(ValueError, match="entity"):
        without_entities(f"<!DOCTYPE svg [{entity}]><svg>&a;</svg>")


def test_entities_cannot_expand_without_limit():
    text = f'<!DOCTYPE svg [<!ENTITY a "{"x" * 10_000}">]><svg>{"&a;" * 10_000}</svg>'
    with pytest.raises(ValueError, match="too long"):
        without_entities(text)


@pytest.mark.parametrize("unit", ["pt", "mm", "cm", "in", "pc", "px", ""])
def test_drawing_in_any_unit_has_a_preview_with_its_aspect(unit, tmp_path):
    image = drawn(
        tmp_path,
        f'<rect width="10{unit}" height="20{unit}" fill="#ff0000"/>',
        sides=f'width="20{unit}" height="20{unit}"',
    )
    assert image.size == (SIDE, SIDE)
    assert image.getpixel((SIDE // 4, SIDE // 2)) == (255, 0, 0, 255)
    assert pixel(image, (3 * SIDE // 4, SIDE // 2))[3] == 0


@pytest.mark.parametrize("family", ["", 'font-family="Arial"', 'font-family="monospace"', 'font-family="sans-serif"'])
def test_text_is_rendered(family, tmp_path):
    image = drawn(tmp_path, f'<text x="5" y="60" font-size="60" {family}>Easel</text>')
    assert image.getchannel("A").getbbox() is not None


def test_text_is_drawn_regardless_of_its_namespace_prefix(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text(
        '<s-v.g:svg xmlns:s-v.g="http://www.w3.org/2000/svg" width="100" height="100">'
        '<s-v.g:text x="5" y="60" font-size="60">Easel</s-v.g:text></s-v.g:svg>'
    )
    assert preview(path, tmp_path / "preview") is not None


@pytest.mark.parametrize("body", ["", '<rect width="9" height="9" fill="none"/>', "<text></text>"])
def test_empty_drawing_gets_no_preview(body, tmp_path):
    assert preview(drawing(tmp_path / "a.svg", body), tmp_path / "preview") is None
    assert not (tmp_path / "preview.png").exists()


def test_drawing_in_latin_1_is_rendered(tmp_path):
    text = (
        f"<?xml version='1.0' encoding='ISO-8859-1'?>{HEAD}width='9' height='9'><rect width='9' height='9'/>\xe9</svg>"
    )
    (tmp_path / "a.svg").write_bytes(text.encode("latin-1"))
    assert preview(tmp_path / "a.svg", tmp_path / "preview") is not None


def test_enormous_drawing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.media.decoding.preview.DRAWING_MOST", 10)
    with pytest.raises(UnusableFile, match="larger"):
        preview(drawing(tmp_path / "a.svg", ""), tmp_path / "preview")


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_still_of_a_video_is_its_first_frame_that_is_not_black(name, tmp_path):
    made = preview(video(tmp_path / name, size=(160, 90), dark=6), tmp_path / "still")
    assert made is not None
    assert made == tmp_path / "still.jpg"
    assert inspect(made).width == 160
    with Image.open(made) as image:
        assert brightest(image.convert("L")) > 50


def test_pictures_and_audio_have_no_preview(tmp_path):
    assert preview(save(noise((9, 9)), tmp_path / "a.png"), tmp_path / "still") is None
    assert preview(sound(tmp_path / "a.wav"), tmp_path / "still") is None


def test_preview_of_a_damaged_video_is_refused(tmp_path):
    with pytest.raises(UnusableFile):
        preview(cut(video(tmp_path / "a.mp4"), 0.3), tmp_path / "still")
