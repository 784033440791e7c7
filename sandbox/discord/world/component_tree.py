"""Normalises message components as Discord stores them, and finds one in the tree."""

from collections.abc import Iterator, Sequence
from itertools import count

from sandbox.discord.world.state import Json

BUTTON, STRING_SELECT, TEXT_INPUT = 2, 3, 4
SELECTS = frozenset({STRING_SELECT, 5, 6, 7, 8})
LINK_STYLE, PREMIUM_STYLE = 5, 6

_DEFAULTS: dict[int, Json] = {
    **{select: {"min_values": 1, "max_values": 1} for select in SELECTS},
    11: {"description": None, "spoiler": False},
    13: {"spoiler": False},
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
}


def normalised(components: Sequence[Json]) -> list[Json]:
    """Give every component an id and the defaults that Discord adds."""
    taken = {component["id"] for component in walk(components) if component.get("id")}
    numbers = (number for number in count(1) if number not in taken)
    return [_normalise(component, numbers) for component in components]


def _normalise(component: Json, numbers: Iterator[int]) -> Json:
    result = _DEFAULTS.get(component["type"], {}) | {
        key: value for key, value in component.items() if value is not None
    }
    result["id"] = component.get("id") or next(numbers)
    if isinstance(component.get("emoji"), dict):
        result["emoji"] = _without_nulls(component["emoji"])
    if "options" in component:
        result["options"] = [_option(each) for each in component["options"]]
    if "default_values" in component:
        result["default_values"] = [{**each, "id": str(each["id"])} for each in component["default_values"]]
    if "components" in component:
        result["components"] = [_normalise(each, numbers) for each in component["components"]]
    if "items" in component:
        result["items"] = [{"description": None, "spoiler": False} | each for each in component["items"]]
    for key in ("accessory", "component"):
        if isinstance(component.get(key), dict):
            result[key] = _normalise(component[key], numbers)
    return result


def _option(option: Json) -> Json:
    return option | {"emoji": _without_nulls(option["emoji"])} if isinstance(option.get("emoji"), dict) else option


def _without_nulls(emoji: Json) -> Json:
    """Remove fields that are null: a Unicode emoji has a name and no id."""
    return {key: value for key, value in emoji.items() if value is not None}


def walk(components: Sequence[Json]) -> Iterator[Json]:
    """Yield all components, including nested ones."""
    for component in components:
        yield component
        yield from walk(component.get("components") or ())
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]])


def with_custom_id(components: Sequence[Json], custom_id: str) -> Json | None:
    """Find the component with that custom id."""
    return next((each for each in walk(components) if each.get("custom_id") == custom_id), None)
