"""Reads colours as people write them: CSS names, common Chinese names, and hexadecimal forms."""

import re
import tomllib
from collections.abc import Mapping
from importlib import resources

TRANSPARENT = "transparent"

_HEX = re.compile(r"#?(?:[0-9a-f]{3}|[0-9a-f]{6})")

CHINESE = {
    "透明": TRANSPARENT, "白": "white", "黑": "black", "红": "red", "绿": "green", "蓝": "blue", "黄": "yellow",
    "橙": "orange", "紫": "purple", "粉": "pink", "灰": "gray", "棕": "brown", "青": "cyan", "金": "gold",
    "银": "silver", "米": "beige", "天蓝": "skyblue", "深蓝": "darkblue", "浅蓝": "lightblue", "深绿": "darkgreen",
    "浅绿": "lightgreen", "深灰": "darkgray", "浅灰": "lightgray", "深红": "darkred",
}  # fmt: skip
"""Names without the word for colour, which may follow them."""


CSS: Mapping[str, str] = tomllib.loads(resources.files("bot.catalogue").joinpath("css_colours.toml").read_text("utf-8"))
"""The named colours of CSS (https://www.w3.org/TR/css-color-4/#named-colors) as `#rrggbb`."""


COMMON = tuple(CHINESE.values())
"""The colours that people are offered first, by their names in CSS."""

_NAMES = {code: name for name, code in CSS.items()} | {CSS[name]: name for name in COMMON if name != TRANSPARENT}


def css_name(code: str) -> str:
    """Return the name of a colour, the common one if it has several; a colour without a name keeps its code."""
    return _NAMES.get(code, code)


def colour(text: str) -> str | None:
    """Return a colour as `#rrggbb`, or `transparent`; None if the text is not the name of a colour."""
    word = text.strip().casefold().replace(" ", "").replace("-", "")
    word = CHINESE.get(word.removesuffix("色"), word)
    if word == TRANSPARENT:
        return word
    if not _HEX.fullmatch(word):
        return CSS.get(word)
    digits = word.removeprefix("#")
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))  # noqa: PLR2004 - rrggbb
