"""The registry of application commands: create, replace, edit and delete."""

from collections.abc import Sequence
from typing import cast

from sandbox.discord.rules import commands as rules
from sandbox.discord.rules.commands import CommandKind
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.rate_limits import COMMAND_CREATES, RateLimiter
from sandbox.discord.world.event_bus import CommandPermissionsChanged, CommandsChanged, EventBus
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import Command, Guild, Json, World

_DEFAULTS: Json = {
    "type": 1,
    "description": "",
    "default_member_permissions": None,
    "nsfw": False,
    "name_localizations": None,
    "description_localizations": None,
}
_GLOBAL_DEFAULTS: Json = {"dm_permission": True, "contexts": None, "integration_types": [0]}
_FIELDS = (*_DEFAULTS, *_GLOBAL_DEFAULTS, "name", "options", "handler")
_ENTRY_POINT: Json = {
    "name": "launch",
    "type": CommandKind.PRIMARY_ENTRY_POINT,
    "description": "Launch an activity",
    "handler": 2,
    "contexts": [0, 1, 2],
    "integration_types": [0, 1],
}


class CommandRegistry:
    """Stores commands as Discord does: one per type and name in each scope."""

    def __init__(self, world: World, ids: Snowflakes, hub: EventBus, limiter: RateLimiter) -> None:
        self._world = world
        self._ids = ids
        self._hub = hub
        self._limiter = limiter

    def find(self, guild_id: int | None, command_id: int) -> Command:
        """Find a command in a scope; 10063 if there is none."""
        command = self._world.commands.get(command_id)
        if command is None or command.guild_id != guild_id:
            raise Code.UNKNOWN_COMMAND.error()
        return command

    def register(self, guild_id: int | None, payload: Json) -> tuple[Command, bool]:
        """Add a command, or replace the one with the same type and name; also return whether it is new."""
        existing = self._world.commands_in(guild_id)
        rules.check_create(payload, [command.data for command in existing], guild=guild_id is not None)
        before = _same(existing, payload)
        self._count_creates(guild_id, int(before is None))
        command = self._keep(guild_id, payload, before)
        self._hub.publish(CommandsChanged())
        return command, before is None

    def replace_all(self, guild_id: int | None, payload: object) -> list[Command]:
        """Make these the only commands in a scope; those that existed before keep their ids."""
        rules.check_bulk(payload, guild=guild_id is not None)
        wanted = cast("list[Json]", payload)
        existing = self._world.commands_in(guild_id)
        kept = [_same(existing, one) for one in wanted]
        if any(one.kind == CommandKind.PRIMARY_ENTRY_POINT and one not in kept for one in existing):
            raise Code.ENTRY_POINT_MISSING.error()
        self._count_creates(guild_id, sum(_same(existing, payload) is None for payload in wanted))
        for command in existing:
            del self._world.commands[command.id]
        commands = [self._keep(guild_id, one, _same(existing, one)) for one in wanted]
        self._forget_permissions()
        self._hub.publish(CommandsChanged())
        return commands

    def add_entry_point(self) -> Command:
        """Add the command with which members open an Activity, as Discord does when Activities are switched on."""
        command, _ = self.register(None, _ENTRY_POINT)
        return command

    def permit(self, guild: Guild, target_id: int, permissions: list[Json]) -> None:
        """Set who may use a command in a guild; the application's id stands for all commands without their own list."""
        guild.command_permissions.pop(target_id, None)
        if permissions:
            guild.command_permissions[target_id] = permissions
        self._hub.publish(CommandPermissionsChanged(guild, target_id))

    def _forget_permissions(self) -> None:
        """Drop the permissions of commands that are gone: they belong to a command's id, not to its name."""
        known = {*self._world.commands, self._world.application.id}
        for guild in self._world.guilds.values():
            kept = guild.command_permissions.items()
            guild.command_permissions = {target: rules for target, rules in kept if target in known}

    def edit(self, command: Command, payload: Json) -> Command:
        """Change the fields that the payload contains."""
        merged = {**command.data, **payload, "type": command.kind}
        fields = {
            key: value for key, value in merged.items() if command.guild_id is None or key not in _GLOBAL_DEFAULTS
        }
        rules.check_command(fields, guild=command.guild_id is not None)
        edited = self._keep(command.guild_id, fields, command)
        self._hub.publish(CommandsChanged())
        return edited

    def delete(self, command: Command) -> None:
        """Remove a command."""
        del self._world.commands[command.id]
        self._forget_permissions()
        self._hub.publish(CommandsChanged())

    def _count_creates(self, guild_id: int | None, count: int) -> None:
        """Raise if there are more new commands than are allowed per day, before anything is changed."""
        if not self._limiter.take(COMMAND_CREATES, str(guild_id), count=count).allowed:
            raise Code.TOO_MANY_COMMAND_CREATES.error()

    def _keep(self, guild_id: int | None, payload: Json, before: Command | None) -> Command:
        data = _normalised(payload, guild=guild_id is not None)
        if before is not None and before.data == data:
            self._world.commands[before.id] = before
            return before
        version = self._ids.next()
        command = Command(before.id if before else version, guild_id, version, data)
        self._world.commands[command.id] = command
        return command


def _same(existing: Sequence[Command], payload: Json) -> Command | None:
    identity = (payload.get("type") or 1, payload["name"])
    return next((command for command in existing if (command.kind, command.name) == identity), None)


def _normalised(payload: Json, *, guild: bool) -> Json:
    defaults = _DEFAULTS if guild else _DEFAULTS | _GLOBAL_DEFAULTS
    fields = {key: value for key, value in payload.items() if key in _FIELDS and value is not None}
    data = defaults | fields
    if data["default_member_permissions"] is not None:
        data["default_member_permissions"] = str(data["default_member_permissions"])
    if data.get("contexts") is not None and not guild:
        data["dm_permission"] = 1 in data["contexts"]
    return data
