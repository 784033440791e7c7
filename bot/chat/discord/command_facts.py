"""Facts that commands declare about themselves for Easel's own use: help topics and order fields.

A command declares its help topic, and which field of an order each of its options fills if the names differ:

    @app_commands.command(extras=declare(Topic.EDITING, instruction="prompt"))

Help pages, refusals, prices in autocomplete, and the command text of a recipe are all derived from this declaration and
the command's signature. The declaration of a group applies to all its commands (`group_extras` of a GroupCog, `extras`
of a Group).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import discord
from discord import app_commands

from bot.catalogue.order import FileRole, Task

KEY = "easel"
"""The key of a command's facts among the extras that discord.py keeps with it."""

ROLES = frozenset(role.value for role in FileRole)

INSTEAD = {"first_frame": "image", "image": "reference"}
"""By role, the option to use for its file if a command has no option with the role's own name."""

ORDERING = frozenset({*(task.value for task in Task), "recipe run"})
"""The slash commands that place orders."""

NO_ORDER = object()
"""The extra of a message menu that places no order."""

AnyCommand = app_commands.Command[Any, ..., Any]


class Topic(StrEnum):
    """A page of `/help`."""

    PICTURES = "pictures"
    EDITING = "editing"
    VIDEO = "video"
    SOUND = "sound"
    CREDITS = "credits"
    RESULTS = "results"
    MODERATORS = "moderators"


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """A command's help topic, and the order field that each renamed option fills."""

    topic: Topic
    fills: Mapping[str, str]


def declare(topic: Topic, **fills: str) -> dict[Any, Any]:
    """Return the `extras` of a command or a group. `fills` maps option names to fields of an order or to file roles."""
    return {KEY: CommandFacts(topic, fills)}


@dataclass(frozen=True, slots=True)
class CommandOptions:
    """The names of a command's options, and the fields of an order that they fill."""

    names: tuple[str, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, command: AnyCommand | app_commands.ContextMenu | None) -> Self:
        """Read the options of a slash command; a message menu has none."""
        if command is None or isinstance(command, app_commands.ContextMenu):
            return cls()
        facts = _facts(command)
        return cls(tuple(option.name for option in command.parameters), facts.fills if facts else {})

    def filled_by(self, option: str) -> str:
        """Return the order field or file role that an option fills; `reference3` fills the same role as `reference`."""
        unnumbered = option.rstrip("0123456789")
        return self.fills.get(option) or (unnumbered if unnumbered in ROLES else option)

    def option(self, filled: str) -> str | None:
        """Return the option that fills a field or a role; None if the command has none."""
        if filled in self.names:
            return filled
        instead = INSTEAD.get(filled)
        filling = (name for name in self.names if self.filled_by(name) == filled)
        return next(filling, instead if instead in self.names else None)


def places_orders(command: AnyCommand | app_commands.ContextMenu | None) -> bool:
    """Return whether a command places an order: those named after a task, `/recipe run` and all menus but one do."""
    if isinstance(command, app_commands.ContextMenu):
        return command.extras.get(KEY) is not NO_ORDER
    return command is not None and (command.qualified_name in ORDERING)


class CommandDirectory:
    """The loaded slash commands by name and by help topic. Empty until `load` is called at start-up."""

    def __init__(self) -> None:
        self._commands: dict[str, AnyCommand] = {}

    def load(self, tree: app_commands.CommandTree[Any], home: int | None = None) -> None:
        """Read the commands from the tree, in the order in which they were added; those of guild `home` come last."""
        for guild in (None, discord.Object(home)) if home else (None,):
            for one in tree.walk_commands(guild=guild):
                if isinstance(one, app_commands.Command):
                    self._commands[one.qualified_name] = one

    def about(self, topic: Topic) -> tuple[str, ...]:
        """Return the names (`recipe run`) of the commands with this help topic."""
        found = ((name, _facts(one)) for name, one in self._commands.items())
        return tuple(name for name, facts in found if facts and facts.topic is topic)

    def options(self, name: str) -> CommandOptions:
        """Return the options of a command; empty if there is no such command."""
        return CommandOptions.of(self._commands.get(name))

    def description(self, name: str) -> str:
        """Return the English description of a command. Raises KeyError."""
        return self._commands[name].description


def _facts(command: AnyCommand) -> CommandFacts | None:
    """Return the declaration of the command, or that of its nearest group if it has none."""
    at: AnyCommand | app_commands.Group | None = command
    while at is not None:
        if KEY in at.extras:
            return at.extras[KEY]
        at = at.parent
    return None
