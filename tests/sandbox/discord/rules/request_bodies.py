"""Valid request bodies, a function to break one field at a time, and readers of error trees."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.discord.rules.error_codes import DiscordError

Json = dict[str, Any]


def refused(act: Callable[[], object]) -> DiscordError:
    """Call `act` and return the error that it raises."""
    with pytest.raises(DiscordError) as caught:
        act()
    return caught.value


def problems(act: Callable[[], object]) -> list[tuple[str, str]]:
    """Call `act`, and return the problems of its error 50035 as (path, code); none if it raises nothing."""
    try:
        act()
    except DiscordError as raised:
        error = raised
    else:
        return []
    assert (error.status, error.code, error.message) == (400, 50035, "Invalid Form Body")
    found = list(flatten(error.errors))
    assert found, "error 50035 must name a problem"
    return found


def flatten(tree: Any, path: str = "") -> list[tuple[str, str]]:
    """Return an error tree as a flat list, and check that it has Discord's format."""
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        assert isinstance(key, str)
        if key == "_errors":
            for one in value:
                assert set(one) == {"code", "message"}
                found.append((path, one["code"]))
        else:
            found += flatten(value, f"{path}.{key}" if path else key)
    return found


def broken(body: Json, path: str, value: object) -> Json:
    """Copy a body with one field replaced ("embeds.0.title"); `...` removes it."""
    result = copy.deepcopy(body)
    here: Any = result
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in parents:
        here = here[key]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return result


def button(custom_id: str = "press", **more: object) -> Json:
    return {"type": 2, "style": 1, "label": "Press", "custom_id": custom_id, **more}


def link(**more: object) -> Json:
    return {"type": 2, "style": 5, "label": "Open", "url": "https://example.org/", **more}


def select(custom_id: str = "choose", options: int = 2, **more: object) -> Json:
    listed = [{"label": f"Option {n}", "value": str(n)} for n in range(options)]
    return {"type": 3, "custom_id": custom_id, "options": listed, **more}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def text(content: str = "words", **more: object) -> Json:
    return {"type": 10, "content": content, **more}


def embed(**more: object) -> Json:
    return {"description": "words", **more}


def command(**more: object) -> Json:
    return {"name": "imagine", "description": "Make a picture", **more}


def option(kind: int = 3, name: str = "prompt", **more: object) -> Json:
    return {"type": kind, "name": name, "description": "What to make", **more}
