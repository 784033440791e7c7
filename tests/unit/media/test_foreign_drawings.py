"""Tests that Easel accepts and measures the drawings that browsers accept."""

import pytest
from PIL import Image

from bot.filetype import sniff
from bot.media.decoding.inspect import inspect
from bot.media.decoding.preview import preview
from bot.media.provenance.label import label
from bot.media.provenance.label_content import Mark

SVG = "http://www.w3.org/2000/svg"
MARK = Mark("a/model", "j", "K7QF-2M")


@pytest.mark.parametrize(
    "head",
    [
        f"<!--{'x' * 30_000}-->",
        "<!-- a <svg> in a comment -->",
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
        '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg"> <!-- ]> --> <!ENTITY q "]>">]>',
        "<?xml version='1.0'?><?xml-stylesheet href='a.css'?>\n<!doctype svg>",
        "\ufeff<?xml version='1.0' encoding='utf-8'?>",
    ],
)
def test_every_legal_prolog_of_a_drawing_is_accepted(head, tmp_path):
    path = tmp_path / "a.svg"
    path.write_text(
        head + '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="9" height="9"/></svg>'
    )
    info = inspect(path)
    assert (info.media, info.width, info.height) == ("image/svg+xml", 40, 20)
    assert preview(path, tmp_path / "still") is not None
    assert label(path, MARK)
    assert preview(path, tmp_path / "again") is not None


@pytest.mark.parametrize(
    "head", ["<html><svg>", "<!--" + "x" * 100, "<!DOCTYPE html><svg>", "a<svg>", "<!DOCTYPE svg ["]
)
def test_other_documents_are_not_drawings(head):
    assert sniff(head.encode()) is None


def test_root_with_a_namespace_prefix_is_a_drawing(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text(
        '<s:svg xmlns:s="http://www.w3.org/2000/svg" width="4cm" height="2cm"><s:rect width="9" height="9"/></s:svg>'
    )
    assert (inspect(path).width, inspect(path).height) == (151, 76)
    assert preview(path, tmp_path / "still") is not None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_drawing_in_utf_16_is_measured_and_shown(encoding, tmp_path):
    text = '<?xml version="1.0" encoding="UTF-16"?><svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">'
    text = f'{text}<!-- 图 --><rect width="40" height="30" fill="#ff0000"/></svg>'
    mark = "" if encoding == "utf-16" else "\ufeff"
    path = tmp_path / "a.svg"
    path.write_bytes((mark + text).encode(encoding))
    info = inspect(path)
    assert (info.media, info.width, info.height) == ("image/svg+xml", 40, 30)
    still = preview(path, tmp_path / "still")
    assert still is not None
    with Image.open(still) as image:
        assert image.convert("RGB").getpixel((image.width // 2, image.height // 2)) == (255, 0, 0)
