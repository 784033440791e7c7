"""Validates buttons and selects, in messages and modals.

Source of the limits: Discord's documentation, "Component Reference".
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from sandbox.discord.rules.embeds import LINKS
from sandbox.discord.rules.field_checks import REQUIRED, Body, Problem


class Kind(IntEnum):
    """Component types, by their numbers in Discord's API."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


class ButtonStyle(IntEnum):
    """Button styles: the first four send an interaction."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4
    LINK = 5
    PREMIUM = 6


SELECTS = (Kind.STRING_SELECT, Kind.USER_SELECT, Kind.ROLE_SELECT, Kind.MENTIONABLE_SELECT, Kind.CHANNEL_SELECT)
MOST_OPTIONS = 25
CUSTOM_ID = 100
LABEL = 80
LINK = 512
PLACEHOLDER = 150
OPTION_TEXT = 100

KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"
ODD_EMOJI = "\u203c\u2049\u3030"
DRAWN = frozenset({"So", "Sm", "Sk", "Mn", "Me", "Cf", "Cn"})
"""Unicode categories of the characters in emoji. Cn is there because older Python versions do not know newer emoji."""
LONGEST_EMOJI = 16

DUPLICATED_ID = Problem("COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
DUPLICATED_OPTION = Problem("COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
INVALID_EMOJI = Problem("BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")
CUSTOM_ID_NEEDED = Problem("BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
CUSTOM_ID_OR_URL = Problem(
    "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified"
)
TOO_MANY_DEFAULTS = Problem(
    "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "The specified number of default values exceeds the maximum"
)


@dataclass(slots=True)
class Seen:
    """The custom ids and numeric ids of the components checked so far in a message or modal."""

    custom_ids: set[str] = field(default_factory=set[str])
    numbers: set[int] = field(default_factory=set[int])


def of_kind(body: Body, kinds: Sequence[Kind]) -> bool:
    """Return whether a component is allowed in its place; report it if not."""
    kind = body.data.get("type")
    if kind is None:
        body.add("type", REQUIRED)
        return False
    if isinstance(kind, bool) or kind not in kinds:
        listed = ", ".join(str(int(one)) for one in kinds)
        body.errors.add(Problem("UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({listed}).'))
        return False
    return True


def check_custom_id(body: Body, seen: Seen) -> None:
    """Report a custom id that is missing, too long or repeated; disabled components count too."""
    custom_id = body.text("custom_id", least=1, most=CUSTOM_ID, required=True)
    if custom_id is None:
        return
    if custom_id in seen.custom_ids:
        body.add("custom_id", DUPLICATED_ID)
    seen.custom_ids.add(custom_id)


def check_emoji(body: Body) -> None:
    """Report an emoji that is not a Unicode emoji and has no id."""
    emoji = body.child("emoji")
    if emoji is None:
        return
    if emoji.has("id"):
        emoji.snowflake("id")
        return
    name = emoji.data.get("name")
    if not isinstance(name, str) or not _is_emoji(name):
        emoji.add("name", INVALID_EMOJI)


def check_count_bounds(body: Body, *, most: int, default_most: int = 1) -> None:
    """Report bounds that contradict each other or the number of options."""
    least = body.integer("min_values", least=0, most=MOST_OPTIONS)
    highest = body.integer("max_values", least=1, most=most)
    bound = highest if highest is not None else default_most
    if least is not None and not body.has("max_values") and least > bound:
        body.add("min_values", Problem("NUMBER_TYPE_MAX", f"int value should be less than or equal to {bound}."))
    elif least is not None and highest is not None and least > highest:
        body.add("min_values", Problem("NUMBER_TYPE_MAX", f"int value should be less than or equal to {highest}."))


def check_select_options(body: Body) -> int:
    """Check the options of a string select and return their number."""
    values: set[str] = set()
    options = list(body.children("options", least=1, most=MOST_OPTIONS, required=True))
    for option in options:
        option.text("label", least=1, most=OPTION_TEXT, required=True)
        value = option.text("value", least=1, most=OPTION_TEXT, required=True)
        option.text("description", most=OPTION_TEXT)
        option.boolean("default")
        check_emoji(option)
        if value is not None and value in values:
            option.add("value", DUPLICATED_OPTION)
        values.add(value or "")
    highest = body.data.get("max_values")
    chosen = sum(option.data.get("default") is True for option in options)
    if chosen > (highest if isinstance(highest, int) else 1):
        body.add("options", TOO_MANY_DEFAULTS)
    return len(options)


def check_select(body: Body, seen: Seen) -> None:
    """Check a select of any type."""
    check_custom_id(body, seen)
    body.text("placeholder", most=PLACEHOLDER)
    body.boolean("disabled")
    most = MOST_OPTIONS
    if body.data.get("type") == Kind.STRING_SELECT:
        most = check_select_options(body) or MOST_OPTIONS
    else:
        _check_default_values(body)
    check_count_bounds(body, most=most)


def check_button(body: Body, seen: Seen) -> None:
    """Check a button."""
    style = body.one_of("style", tuple(int(one) for one in ButtonStyle), required=True)
    body.text("label", most=LABEL)
    body.boolean("disabled")
    check_emoji(body)
    if style == ButtonStyle.LINK:
        _check_link_button(body)
    elif style == ButtonStyle.PREMIUM:
        _check_premium_button(body)
    elif style is not None:
        _check_pressed_button(body, seen)


def _check_default_values(body: Body) -> None:
    for one in body.children("default_values", most=MOST_OPTIONS):
        one.snowflake("id", required=True)
        one.one_of("type", ("user", "role", "channel"), required=True)


def _check_link_button(body: Body) -> None:
    body.url("url", most=LINK, schemes=(*LINKS, "discord"), required=True)
    if body.has("custom_id"):
        body.add("custom_id", CUSTOM_ID_OR_URL)
    _needs_a_face(body)


def _check_premium_button(body: Body) -> None:
    body.snowflake("sku_id", required=True)
    for key in ("custom_id", "label", "url", "emoji"):
        if body.has(key):
            body.add(key, Problem("BUTTON_COMPONENT_PREMIUM_FIELD", "A premium button has nothing but its sku id"))


def _check_pressed_button(body: Body, seen: Seen) -> None:
    if body.has("url"):
        body.add("url", CUSTOM_ID_OR_URL)
    if body.has("custom_id"):
        check_custom_id(body, seen)
    else:
        body.add("custom_id", CUSTOM_ID_NEEDED)
    _needs_a_face(body)


def _needs_a_face(body: Body) -> None:
    label = body.data.get("label")
    if not body.has("emoji") and not (isinstance(label, str) and label.strip()):
        body.add("label", REQUIRED)


def _is_emoji(name: str) -> bool:
    if name.endswith(KEYCAP):
        return name[0] in "0123456789#*"
    if not name or len(name) > LONGEST_EMOJI or name[0].isascii():
        return False
    return name[0] in ODD_EMOJI or all(unicodedata.category(one) in DRAWN for one in name)
