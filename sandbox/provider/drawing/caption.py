"""Writes text on pictures: the prompt at the bottom, and the model and seed in small letters at the top."""

import contextlib

from PIL import Image, ImageDraw, ImageFont

LINES = 2
LATIN = range(0x20, 0x180)
PUNCTUATION = range(0x2010, 0x2027)
WIDE_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DejaVuSans.ttf",
)
"""Fonts with more scripts than the built-in one; used if the machine has them."""
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Lettering:
    """The rendered text for pictures of one size."""

    def __init__(self, size: tuple[int, int], text: str, label: str) -> None:
        self._overlay = Image.new("RGBA", size, (0, 0, 0, 0))
        self._set_text(text, max(11, min(size[0] // 24, size[1] // 18)))
        self._set_label(label, max(9, min(size[0] // 44, size[1] // 33)))

    def write(self, picture: Image.Image) -> Image.Image:
        """Write the text on a picture of that size and return it in RGB."""
        written = picture.convert("RGB")
        written.paste(self._overlay, (0, 0), self._overlay)
        return written

    def _set_text(self, text: str, size: int) -> None:
        text, font = legible(text, size)
        pen = ImageDraw.Draw(self._overlay)
        width, height = self._overlay.size
        lines = wrap(text, font, width * 0.9)
        if lines:
            _band(self._overlay, round(size * (1.25 * len(lines) + 2.2)))
        for index, line in enumerate(reversed(lines)):
            place = (width * 0.05, height - size * (0.8 + 1.25 * index))
            pen.text(place, line, font=font, fill=(255, 255, 255, 240), anchor="ls")

    def _set_label(self, label: str, size: int) -> None:
        font, pen = ImageFont.load_default(size), ImageDraw.Draw(self._overlay)
        right, top = self._overlay.width - size, size
        pen.text((right + 1, top + 1), label, font=font, fill=(0, 0, 0, 150), anchor="rt")
        pen.text((right, top), label, font=font, fill=(255, 255, 255, 220), anchor="rt")


def legible(text: str, size: int) -> tuple[str, Font]:
    """Choose a font for the text and remove characters that no font has, which would be drawn as empty boxes."""
    if text.isascii():
        return text, ImageFont.load_default(size)
    for name in WIDE_FONTS:
        with contextlib.suppress(OSError):
            font = ImageFont.truetype(name, size)
            if _has_all(font, text):
                return text, font
    return "".join(
        each for each in text if ord(each) in LATIN or ord(each) in PUNCTUATION
    ).strip(), ImageFont.load_default(size)


def _has_all(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Return whether a font has every character; missing ones look the same as a character that no font has."""
    missing = _drawn(font, "\uffff")
    return all(_drawn(font, each) != missing for each in set(text) if not each.isspace())


def _drawn(font: ImageFont.FreeTypeFont, character: str) -> bytes:
    made = Image.new("L", (round(font.size * 2), round(font.size * 2)))
    ImageDraw.Draw(made).text((0, 0), character, font=font, fill=255)
    return made.tobytes()


def _band(overlay: Image.Image, height: int) -> None:
    shade = Image.linear_gradient("L").resize((overlay.width, height)).point([v * 170 // 255 for v in range(256)])
    overlay.paste((4, 8, 16, 255), (0, overlay.height - height), shade)


def wrap(text: str, font: Font, width: float) -> list[str]:
    """Break text into at most two lines and cut the rest with an ellipsis."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    lines = [each for each in (*lines, line) if each]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"{lines[LINES - 1]}…"]
    return [_cut(each, font, width) for each in lines]


def _cut(line: str, font: Font, width: float) -> str:
    while len(line) > 1 and font.getlength(line) > width:
        line = line[:-2].rstrip("… ") + "…"
    return line
