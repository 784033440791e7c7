"""Validates a message's components, classic and V2.

Source of the limits: Discord's documentation, "Component Reference"; the limit of 4,000 characters is from
Discord's error COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from sandbox.discord.rules.embeds import ATTACHMENT, check_media
from sandbox.discord.rules.field_checks import REQUIRED, Body, Problem
from sandbox.discord.rules.interactive_components import SELECTS, Kind, Seen, check_button, check_select, of_kind

IN_A_ROW = (Kind.BUTTON, *SELECTS)
IN_A_CONTAINER = (
    Kind.ACTION_ROW,
    Kind.SECTION,
    Kind.TEXT_DISPLAY,
    Kind.MEDIA_GALLERY,
    Kind.FILE,
    Kind.SEPARATOR,
)
TOP_LEVEL_V2 = (*IN_A_CONTAINER, Kind.CONTAINER)
ACCESSORIES = (Kind.BUTTON, Kind.THUMBNAIL)

MOST_ROWS = 5
MOST_BUTTONS_IN_A_ROW = 5
MOST_COMPONENTS_V2 = 40
"""The maximum number of components, including nested ones."""
MOST_TEXT_V2 = 4000
"""The maximum number of characters in all text displays of a message."""
MOST_GALLERY_ITEMS = 10
MOST_SECTION_TEXTS = 3
ALT_TEXT = 1024
LARGEST_COMPONENT_ID = (1 << 31) - 1
LARGEST_COLOUR = 0xFFFFFF

DUPLICATED_NUMBER = Problem("COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
TOO_WIDE = Problem("COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
TOO_MANY = Problem(
    "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The total number of components exceeds the maximum of 40"
)
TOO_MUCH_TEXT = Problem(
    "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Components displayable text size exceeds maximum size of 4000"
)
NOT_ATTACHED = Problem("UNFURLED_MEDIA_ITEM_ATTACHMENT_REQUIRED", "Only attachment:// addresses are allowed here")


@dataclass(frozen=True, slots=True)
class Layout:
    """The context of a component check: the message's files, and the components checked so far."""

    attached: Collection[str]
    seen: Seen


def check_classic(payload: Body, *, attached: Collection[str] = ()) -> None:
    """Check the components of a message without the V2 flag, which must be action rows."""
    layout = Layout(attached, Seen())
    for row in payload.children("components", most=MOST_ROWS):
        if of_kind(row, (Kind.ACTION_ROW,)):
            check_component(row, layout)


def check_v2(payload: Body, *, attached: Collection[str] = ()) -> None:
    """Check the components of a message with the V2 flag."""
    layout = Layout(attached, Seen())
    every = tuple(walk(payload.data.get("components")))
    if len(every) > MOST_COMPONENTS_V2:
        payload.add("components", TOO_MANY)
        return
    for one in payload.children("components", most=MOST_COMPONENTS_V2):
        if of_kind(one, TOP_LEVEL_V2):
            check_component(one, layout)
    if sum(len(str(one.get("content") or "")) for one in every if one.get("type") == Kind.TEXT_DISPLAY) > MOST_TEXT_V2:
        payload.add("components", TOO_MUCH_TEXT)


def walk(components: object) -> Iterator[Mapping[str, object]]:
    """Yield every component, parents before their children."""
    for component in _mappings(components):
        yield component
        if "components" in component:
            yield from walk(component["components"])
        for key in ("accessory", "component"):
            if key in component:
                yield from walk([component[key]])


def named_attachments(components: object) -> frozenset[str]:
    """Return the names of the attached files that V2 components show."""
    names: set[str] = set()
    for one in walk(components):
        holders = [one, *_mappings(one.get("items"))]
        media = _mappings([holder[key] for holder in holders for key in ("media", "file") if key in holder])
        urls = [str(item.get("url")) for item in media]
        names.update(url.removeprefix(ATTACHMENT) for url in urls if url.startswith(ATTACHMENT))
    return frozenset(names)


def check_component(body: Body, layout: Layout) -> None:
    """Check a component of an allowed type and its children."""
    number = body.integer("id", least=0, most=LARGEST_COMPONENT_ID)
    if number:
        if number in layout.seen.numbers:
            body.add("id", DUPLICATED_NUMBER)
        layout.seen.numbers.add(number)
    _CHECKS[Kind(int(str(body.data["type"])))](body, layout)


def check_text_display(body: Body, _: Layout) -> None:
    """Check that the text is neither missing nor too long."""
    body.text("content", least=1, most=MOST_TEXT_V2, required=True)


def _check_row(body: Body, layout: Layout) -> None:
    children = list(body.children("components", least=1, most=MOST_BUTTONS_IN_A_ROW, required=True))
    width = 0
    for child in children:
        if not of_kind(child, IN_A_ROW):
            continue
        width += 1 if child.data.get("type") == Kind.BUTTON else MOST_BUTTONS_IN_A_ROW
        if width > MOST_BUTTONS_IN_A_ROW:
            child.errors.add(TOO_WIDE)
        check_component(child, layout)


def _check_section(body: Body, layout: Layout) -> None:
    for text in body.children("components", least=1, most=MOST_SECTION_TEXTS, required=True):
        if of_kind(text, (Kind.TEXT_DISPLAY,)):
            check_component(text, layout)
    accessory = body.child("accessory", required=True)
    if accessory is not None and of_kind(accessory, ACCESSORIES):
        check_component(accessory, layout)


def _check_thumbnail(body: Body, layout: Layout) -> None:
    body.text("description", most=ALT_TEXT)
    body.boolean("spoiler")
    _check_media_of(body, layout)


def _check_gallery(body: Body, layout: Layout) -> None:
    for item in body.children("items", least=1, most=MOST_GALLERY_ITEMS, required=True):
        item.text("description", most=ALT_TEXT)
        item.boolean("spoiler")
        _check_media_of(item, layout)


def _check_media_of(body: Body, layout: Layout) -> None:
    media = body.child("media", required=True)
    if media is None:
        return
    if not media.has("url"):
        media.add("url", REQUIRED)
    check_media(media, "url", attached=layout.attached, picture=False)


def _check_file(body: Body, layout: Layout) -> None:
    body.boolean("spoiler")
    file = body.child("file", required=True)
    if file is None:
        return
    if not str(file.data.get("url") or "").startswith(ATTACHMENT):
        file.add("url", NOT_ATTACHED if file.has("url") else REQUIRED)
        return
    check_media(file, "url", attached=layout.attached, picture=False)


def _check_separator(body: Body, _: Layout) -> None:
    body.boolean("divider")
    body.one_of("spacing", (1, 2))


def _check_container(body: Body, layout: Layout) -> None:
    body.boolean("spoiler")
    body.integer("accent_color", least=0, most=LARGEST_COLOUR)
    for child in body.children("components", least=1, most=MOST_COMPONENTS_V2, required=True):
        if of_kind(child, IN_A_CONTAINER):
            check_component(child, layout)


_CHECKS: Mapping[Kind, Callable[[Body, Layout], None]] = {
    Kind.ACTION_ROW: _check_row,
    Kind.BUTTON: lambda body, layout: check_button(body, layout.seen),
    Kind.SECTION: _check_section,
    Kind.TEXT_DISPLAY: check_text_display,
    Kind.THUMBNAIL: _check_thumbnail,
    Kind.MEDIA_GALLERY: _check_gallery,
    Kind.FILE: _check_file,
    Kind.SEPARATOR: _check_separator,
    Kind.CONTAINER: _check_container,
    **dict.fromkeys(SELECTS, lambda body, layout: check_select(body, layout.seen)),
}


def _mappings(values: object) -> list[Mapping[str, object]]:
    """Return the objects of a JSON list; anything else in it is ignored."""
    listed = cast("list[object]", values) if isinstance(values, list) else []
    # Not `Mapping`, which takes ten times as long: this check runs for every component of every message shown.
    return [cast("Mapping[str, object]", value) for value in listed if isinstance(value, dict)]
