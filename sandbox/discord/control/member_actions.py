"""Turns control requests into interactions, and rejects actions that Discord's client does not offer."""

from collections.abc import Mapping
from dataclasses import replace

from sandbox.control_http import refuse
from sandbox.discord.control.control_request import ControlRequest
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.control.modal_submissions import ModalSubmissions
from sandbox.discord.control.select_choices import SelectChoices
from sandbox.discord.rules.command_options import OptionKind
from sandbox.discord.rules.commands import CommandKind
from sandbox.discord.rules.field_checks import as_snowflake
from sandbox.discord.rules.interaction_responses import InteractionKind
from sandbox.discord.rules.option_values import Filled, Known, Refusal, find_option, resolve
from sandbox.discord.world.component_tree import BUTTON, LINK_STYLE, PREMIUM_STYLE, with_custom_id
from sandbox.discord.world.interactions import Interactions, Request
from sandbox.discord.world.messages import Messages
from sandbox.discord.world.state import Attachment, Channel, Command, Interaction, Json, Message, Named, User, World

_MENUS = {"user_menu": CommandKind.USER, "message_menu": CommandKind.MESSAGE}
_PEOPLE = frozenset({OptionKind.USER, OptionKind.MENTIONABLE})

_LEAST_USER = 10**16
"""The lowest id that a Discord user can have: the oldest ids have 17 digits."""


class MemberActions:
    """Starts interactions of every kind."""

    def __init__(
        self, world: World, lookup: Lookup, messages: Messages, interactions: Interactions, choices: SelectChoices
    ) -> None:
        self._world = world
        self._lookup = lookup
        self._messages = messages
        self._interactions = interactions
        self._choices = choices
        self._submissions = ModalSubmissions(world, messages, choices)

    async def start(self, body: ControlRequest) -> Interaction:
        """Start the requested interaction; a 400 names the invalid part."""
        kind = body.text("type")
        user = self._lookup.person(body.text("user"))
        channel = self._lookup.conversation(body.text("channel"), user)
        match kind:
            case "command" | "autocomplete":
                request = await self._command(body, user, channel, autocomplete=kind == "autocomplete")
            case "component":
                request = self._component(body, user, channel)
            case "modal":
                request = await self._submissions.submit(body, user, channel)
            case "user_menu" | "message_menu":
                request = self._menu(body, user, channel, _MENUS[kind])
            case _:
                raise refuse(f"unknown type {kind!r}")
        return self._interactions.dispatch(replace(request, patch=dict(body.mapping("patch"))))

    def _find(self, channel: Channel, user: User, name: str, kind: CommandKind) -> Command:
        for command in self._lookup.commands(channel, user):
            if command.kind == kind and command.name == name:
                return command
        raise refuse(f"{user.name} cannot see a command {name!r} there")

    async def _command(self, body: ControlRequest, user: User, channel: Channel, *, autocomplete: bool) -> Request:
        path = body.text("name")
        command = self._find(channel, user, path.split()[0], CommandKind.CHAT_INPUT)
        focused = body.text("focused") if autocomplete else None
        try:
            files = await self._files(body, command, path)
            values = self._values(command, path, body.mapping("options"))
            filled = resolve(command.data, path, values, self._known(channel, files), focused=focused)
        except Refusal as refusal:
            raise refuse(str(refusal)) from refusal
        data = _command_data(command) | {"options": filled.options}
        kind = InteractionKind.AUTOCOMPLETE if autocomplete else InteractionKind.COMMAND
        named = _named_objects(filled, list(files.values()))
        return Request(kind, user.id, channel, data, path, named=named, focused=filled.focused or OptionKind.STRING)

    async def _files(self, body: ControlRequest, command: Command, path: str) -> dict[str, Attachment]:
        uploaded: dict[str, Attachment] = {}
        for option, file in body.files().items():
            if find_option(command.data, path, option)["type"] != OptionKind.ATTACHMENT:
                raise Refusal(option, "this option takes no file")
            uploaded[option] = await self._messages.upload(self._world.application.id, file)
        return uploaded

    def _values(self, command: Command, path: str, options: Mapping[str, object]) -> dict[str, object]:
        """Return the options' values; a member's name is accepted in place of an id."""
        values = dict(options)
        names = {one.name: str(one.id) for one in self._world.users.values()}
        for name, value in options.items():
            if find_option(command.data, path, name)["type"] in _PEOPLE:
                values[name] = names.get(str(value), value)
                self._meet(values[name])
        return values

    def _meet(self, value: object) -> None:
        """Create a user with this id if there is none: Discord has more users than this sandbox."""
        number = as_snowflake(value)
        roles = {role for guild in self._world.guilds.values() for role in guild.roles}
        if number is not None and number >= _LEAST_USER and number not in self._world.users.keys() | roles:
            self._world.users[number] = User(number, f"user{number}")

    def _known(self, channel: Channel, files: Mapping[str, Attachment]) -> Known:
        guild = self._world.guild_of(channel)
        ids = {option: file.id for option, file in files.items()}
        if guild is None:
            return Known(channel.recipients, files=ids)
        channels = {one.id: int(one.kind) for one in self._world.channels.values() if one.guild_id == guild.id}
        # Discord's client accepts any id, even that of someone who has left or was never a member.
        return Known(self._world.users, guild.roles, channels, ids)

    def _menu(self, body: ControlRequest, user: User, channel: Channel, kind: CommandKind) -> Request:
        command = self._find(channel, user, body.text("name"), kind)
        wanted = body.optional("target_id") or body.text("message_id")
        if kind is CommandKind.MESSAGE:
            target = self._lookup.message(channel, wanted, user).id
            named = Named(messages=[target])
        else:
            target = self._lookup.user(wanted).id
            named = Named(users=[target])
        data = _command_data(command) | {"target_id": str(target)}
        return Request(InteractionKind.COMMAND, user.id, channel, data, command.name, named=named)

    def _component(self, body: ControlRequest, user: User, channel: Channel) -> Request:
        message = self._lookup.message(channel, body.text("message_id"), user)
        custom_id = body.text("custom_id")
        component = with_custom_id(message.components, custom_id)
        if component is None:
            raise refuse(f"message {message.id} has no component {custom_id!r}")
        self._require_usable(component, message, custom_id)
        data: Json = {"custom_id": custom_id, "component_type": component["type"], "id": component["id"]}
        named = Named()
        if component["type"] != BUTTON:
            data["values"] = self._chosen(component, body.texts("values"), channel, user)
            named = self._choices.named(component, data["values"])
        return Request(InteractionKind.COMPONENT, user.id, channel, data, source=message, named=named)

    def _require_usable(self, component: Json, message: Message, custom_id: str) -> None:
        if component.get("disabled"):
            raise refuse(f"{custom_id!r} is disabled")
        if component.get("style") in {LINK_STYLE, PREMIUM_STYLE} and component["type"] == BUTTON:
            raise refuse(f"{custom_id!r} sends no interaction")
        if message.author_id != self._world.bot.id:
            raise refuse("this message is not the bot's")

    def _chosen(self, component: Json, values: list[str], channel: Channel, user: User) -> list[str]:
        if not component["min_values"] <= len(values) <= component["max_values"]:
            bounds = f"{component['min_values']} to {component['max_values']}"
            raise refuse(f"values: {bounds} must be chosen, not {len(values)}")
        legal = self._choices.legal(component, channel, user)
        unknown = [value for value in values if value not in legal]
        if unknown:
            raise refuse(f"values: {', '.join(unknown)} cannot be chosen here")
        return values


def _command_data(command: Command) -> Json:
    data: Json = {"id": str(command.id), "name": command.name, "type": command.kind}
    return data | ({"guild_id": str(command.guild_id)} if command.guild_id else {})


def _named_objects(filled: Filled, files: list[Attachment]) -> Named:
    return Named(list(filled.users), list(filled.roles), list(filled.channels), attachments=files)
