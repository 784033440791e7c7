"""Measures and renders SVG drawings.

Nothing outside a drawing is opened: links to anything but its own parts and data are emptied. Entities are replaced
here, because they could hide links and expand without end; only plain text is allowed in them.
"""

import io
import re
from pathlib import Path

import resvg_py
from PIL import Image

from bot.filetype import HEAD_BYTES, as_utf8, svg_prolog

DPI = 96
"""Dots per inch of a CSS pixel (CSS Values 4, section 6.2): browsers derive points and millimetres from it."""

UNITS = {"": 1, "px": 1, "pt": DPI / 72, "pc": DPI / 6, "in": DPI, "cm": DPI / 2.54, "mm": DPI / 25.4}

SIDES_HEAD_BYTES = 1 << 20
"""The root's opening tag must end within this many characters."""

TEXT_BYTES = 20 << 20
"""The largest drawing that is rendered, after its entities were replaced."""

SERIF, SANS_SERIF, MONOSPACE = "DejaVu Serif", "DejaVu Sans", "DejaVu Sans Mono"
"""The fonts for generic families, and for families that are not installed; the container image has these."""

_TAG = re.compile(rb"""<(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_ATTRIBUTE = re.compile(rb"""\s(width|height|viewBox)\s*=\s*["']([^"']*)["']""")
_LENGTH = re.compile(r"\s*\+?(\d*\.?\d+(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# Without the lookbehind, each letter of a long word would be tried as the beginning of the name.
_LINK = re.compile(
    r"""((?<![\w:.-])[\w:.-]*href\s*=\s*)("(?!\s*(?:#|data:))[^"]*"|'(?!\s*(?:#|data:))[^']*')""", re.IGNORECASE
)
_DECLARATION = re.compile(r"""<!ENTITY\s+(\S+)\s+("[^"]*"|'[^']*')\s*>""")
_REFERENCE = re.compile(r"&([\w:.-]{1,100});")
_TEXT = re.compile(r"<(?:[\w.-]{1,100}:)?text[\s>]")


def drawing_sides(path: Path) -> tuple[int | None, int | None]:
    """Return a drawing's width and height in CSS pixels, or those of its view box; None if it has neither.

    They are read with patterns, because a malicious file could exploit an XML parser.
    """
    with path.open("rb") as file:
        head = as_utf8(file.read(SIDES_HEAD_BYTES))
    prolog = svg_prolog(head[:HEAD_BYTES])
    tag = _TAG.match(head, prolog.root) if prolog else None
    if tag is None:
        return None, None
    attributes = {name: value.decode("ascii", "replace") for name, value in _ATTRIBUTE.findall(tag[0])}
    width, height = (_pixels(attributes.get(name, "")) for name in (b"width", b"height"))
    if width and height:
        return width, height
    box = [_pixels(side) for side in re.split(r"[\s,]+", attributes.get(b"viewBox", "").strip())[2:4]]
    return (box[0], box[1]) if len(box) == 2 and all(box) else (None, None)  # noqa: PLR2004 - width and height


def draw(path: Path, width: int, height: int) -> Image.Image:
    """Render an SVG at this size on a transparent background. Raises ValueError if it cannot be rendered."""
    text = without_links(without_entities(_decoded(path.read_bytes())))
    png = resvg_py.svg_to_bytes(
        svg_string=text,
        width=width,
        height=height,
        dpi=DPI,
        skip_system_fonts=not _TEXT.search(text),  # finding them takes time
        serif_family=SERIF,
        sans_serif_family=SANS_SERIF,
        monospace_family=MONOSPACE,
    )
    image = Image.open(io.BytesIO(bytes(png)), formats=("PNG",))
    image.load()
    return image


def without_entities(text: str) -> str:
    """Return the drawing without its document type, and with the entities that it declares replaced by their text.

    Raises ValueError if an entity is anything but plain text, or the result would be too long.
    """
    data = text.encode()
    prolog = svg_prolog(data[:HEAD_BYTES])
    if prolog is None or prolog.doctype is None:
        return text
    start, end = prolog.doctype
    rest = (data[:start] + data[end:]).decode()
    entities = _entities(data[start:end].decode())
    grown = sum(len(entities.get(name, "")) for name in _REFERENCE.findall(rest))
    if len(rest) + grown > TEXT_BYTES:
        raise ValueError("its entities are too long")
    return _REFERENCE.sub(lambda found: entities.get(found[1], found[0]), rest)


def without_links(text: str) -> str:
    """Return the drawing without links to anything outside it."""
    return _LINK.sub(r'\1""', text)


def _entities(doctype: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, quoted in _DECLARATION.findall(doctype):
        if set("<&%") & set(quoted):
            raise ValueError("an entity is not plain text")
        # In the drawing, the text may be part of an attribute with quotes of either kind.
        found.setdefault(name, quoted[1:-1].replace('"', "&quot;").replace("'", "&apos;"))
    if doctype.upper().count("<!ENTITY") != len(_DECLARATION.findall(doctype)):
        raise ValueError("an entity is declared elsewhere")
    return found


def _decoded(data: bytes) -> str:
    if (text := as_utf8(data)) is not data:
        return text.decode()
    named = _ENCODING.match(data)
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode(named[1].decode() if named else "utf-8")
    except (LookupError, UnicodeDecodeError):
        return data.decode("utf-8", "replace")


def _pixels(length: str) -> int | None:
    found = _LENGTH.fullmatch(length)
    unit = UNITS.get(found[2].lower()) if found else None
    pixels = float(found[1]) * unit if found and unit else 0
    return round(pixels) or None if pixels < float("inf") else None
