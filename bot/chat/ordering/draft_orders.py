"""An order while it is being typed: what is known of it before it is sent, so that its price can be told."""

from collections.abc import Iterable
from typing import Any

from bot.catalogue.options import OPTIONS
from bot.catalogue.order import InputFile, Order, Role, Task
from bot.chat.ordering.example_orders import stand_in
from bot.chat.ordering.option_names import FILLS

PLACES = frozenset(role.value for role in Role)
SAID = frozenset(OPTIONS) | {"count"}
NUMBERS = {"count": int, "seed": int, "seconds": int, "strength": float}
"""The options that are numbers: Discord checks none of them until the command is sent. All others are words."""


def draft(task: Task, typed: Iterable[tuple[str, Any]]) -> Order:
    """The order, still without a model, that a command's options make so far.

    Autocomplete is told that a file is attached, but nothing of it: another stands in for each.
    """
    told = [(name, FILLS.get(name, name), value) for name, value in typed if value != ""]
    said: dict[str, Any] = {
        fills: value for _, fills, value in told if fills in SAID and isinstance(value, NUMBERS.get(fills, str))
    }
    files = [_file(task, name, Role(fills)) for name, fills, _ in told if fills in PLACES]
    return Order(task, "", **said, files=tuple(files))


def _file(task: Task, option: str, role: Role) -> InputFile:
    if task is Task.VIDEO and role is Role.IMAGE:
        role = Role.FIRST_FRAME
    return stand_in("image" if option == "job" else option, role)
