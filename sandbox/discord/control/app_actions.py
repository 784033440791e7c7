"""Actions on the bot's application for `POST /_sandbox/world`."""

from collections.abc import Mapping

from sandbox.discord.control.control_request import Action, ControlRequest
from sandbox.discord.world.command_registry import CommandRegistry
from sandbox.discord.world.state import Json


class AppActions:
    """What Discord does to an application's commands."""

    def __init__(self, commands: CommandRegistry) -> None:
        self._commands = commands

    def actions(self) -> Mapping[str, Action]:
        """List the actions by name."""
        return {"add_entry_point": self._add_entry_point}

    async def _add_entry_point(self, _: ControlRequest) -> Json:
        return {"command": str(self._commands.add_entry_point().id)}
