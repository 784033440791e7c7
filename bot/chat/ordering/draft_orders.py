"""Builds an order from a command that is still being typed, so that autocomplete can show its price."""

from collections.abc import Iterable
from typing import Any

from bot.catalogue import advanced
from bot.catalogue.options import OPTIONS
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.chat.discord.command_facts import ROLES, CommandOptions
from bot.chat.ordering.example_orders import stand_in

FIELDS = frozenset(OPTIONS) | {"count"}
NUMBERS = {"count": int, "seed": int, "seconds": int, "strength": float}
"""The fields that are numbers. Discord checks no option before the command is sent; all other fields are text."""


def draft(task: Task, typed: Iterable[tuple[str, Any]], options: CommandOptions) -> Order:
    """Return the order that the options typed so far describe, still without a model.

    Discord tells autocomplete only that a file is attached, so a placeholder takes the place of each file.
    """
    filled = [(name, options.filled_by(name), value) for name, value in typed if value != ""]
    fields: dict[str, Any] = {
        field: value for _, field, value in filled if field in FIELDS and isinstance(value, NUMBERS.get(field, str))
    }
    files = [_file(task, name, FileRole(field)) for name, field, _ in filled if field in ROLES]
    texts = [value for _, field, value in filled if field == advanced.OPTION and isinstance(value, str)]
    pairs = advanced.scan(texts[0])[0] if texts else ()
    return Order(task, "", **fields, advanced=pairs or None, files=tuple(files))


def _file(task: Task, option: str, role: FileRole) -> InputFile:
    if task is Task.VIDEO and role is FileRole.IMAGE:
        role = FileRole.FIRST_FRAME
    return stand_in("image" if option == "job" else option, role)
