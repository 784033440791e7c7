"""Translates world events into gateway events: name, data, required intent and guild."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sandbox.discord import payloads
from sandbox.discord.message_payloads import MessagePayloads
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.access import Access
from sandbox.discord.world.event_bus import (
    AutoModChanged,
    ChannelChanged,
    CommandPermissionsChanged,
    EntitlementChanged,
    GuildChanged,
    InteractionDispatched,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    MessageChanged,
    RoleChanged,
    WorldEvent,
)
from sandbox.discord.world.state import ChannelKind, Guild, Json, World

GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 1, 1 << 9, 1 << 12
AUTOMOD_RULES = 1 << 20
PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15)
"""Intents that must be enabled for an application: members, presences, message content."""
ALL_INTENTS = (1 << 26) - 1


@dataclass(frozen=True, slots=True)
class Event:
    """A gateway event; without an intent, every session receives it."""

    name: str
    data: Json
    intent: int
    guild_id: int | None


class Events:
    """Translates world events into gateway events."""

    def __init__(self, world: World, access: Access, messages: MessagePayloads) -> None:
        self._world = world
        self._access = access
        self._messages = messages

    def translate(self, world_event: WorldEvent) -> Iterator[Event]:
        """Translate a world event."""
        match world_event:
            case MessageChanged():
                yield from self._message(world_event)
            case ChannelChanged():
                yield from self._channel(world_event)
            case GuildChanged():
                yield self._guild(world_event)
            case InteractionDispatched(interaction):
                data = self._messages.interaction_create(interaction)
                yield Event("INTERACTION_CREATE", data, 0, interaction.guild_id)
            case MemberJoined(guild, member):
                data = payloads.member(self._world, member) | {"guild_id": str(guild.id)}
                yield Event("GUILD_MEMBER_ADD", data, GUILD_MEMBERS, guild.id)
            case MemberChanged(guild, member):
                data = payloads.member(self._world, member) | {"guild_id": str(guild.id)}
                # A bot gets events about itself, regardless of its intents.
                intent = 0 if member.user_id == self._world.bot.id else GUILD_MEMBERS
                yield Event("GUILD_MEMBER_UPDATE", data, intent, guild.id)
            case MemberLeft(guild, user):
                data = {"guild_id": str(guild.id), "user": payloads.user(user)}
                yield Event("GUILD_MEMBER_REMOVE", data, GUILD_MEMBERS, guild.id)
            case RoleChanged(operation, guild, role):
                whole = {"role": payloads.role(role)}
                data = ({"role_id": str(role.id)} if operation == "delete" else whole) | {"guild_id": str(guild.id)}
                yield Event(f"GUILD_ROLE_{operation.upper()}", data, GUILDS, guild.id)
            case AutoModChanged():
                yield from self._automod(world_event)
            case CommandPermissionsChanged(guild, target_id):
                data = payloads.command_permissions(self._world, guild, target_id)
                yield Event("APPLICATION_COMMAND_PERMISSIONS_UPDATE", data, 0, guild.id)
            case EntitlementChanged(operation, entitlement):
                data = payloads.entitlement(self._world, entitlement)
                yield Event(f"ENTITLEMENT_{operation.upper()}", data, 0, None)
            case _:
                return

    def guild_create(self, guild: Guild) -> Event:
        """Return the GUILD_CREATE event for a guild."""
        own = [*self._world.channels_of(guild), *self._world.threads_of(guild)]
        seen = [channel for channel in own if not channel.thread or self._access.sees(channel, self._world.bot.id)]
        return Event("GUILD_CREATE", payloads.guild_create(self._world, guild, visible=seen), GUILDS, guild.id)

    def _message(self, world_event: MessageChanged) -> Iterator[Event]:
        channel, message = world_event.channel, world_event.message
        if message.private_to is not None or not self._access.sees(channel, self._world.bot.id):
            return
        intent = GUILD_MESSAGES if channel.guild_id else DIRECT_MESSAGES
        place = {"guild_id": str(channel.guild_id)} if channel.guild_id else {}
        name = f"MESSAGE_{world_event.operation.upper()}"
        if world_event.operation == "delete":
            data: Json = {"id": str(message.id), "channel_id": str(channel.id)}
        else:
            data = self._messages.for_bot(message)
        yield Event(name, data | place | self._author(message.author_id, channel.guild_id), intent, channel.guild_id)

    def _author(self, user_id: int, guild_id: int | None) -> Json:
        member = self._world.guilds[guild_id].members.get(user_id) if guild_id else None
        return {"member": payloads.member_without_user(member)} if member else {}

    def _channel(self, world_event: ChannelChanged) -> Iterator[Event]:
        channel = world_event.channel
        if channel.guild_id is None:
            return
        kind = "THREAD" if channel.kind in {ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD} else "CHANNEL"
        data = payloads.channel(self._world, channel)
        if world_event.operation == "create" and channel.thread:
            data["newly_created"] = True
        yield Event(f"{kind}_{world_event.operation.upper()}", data, GUILDS, channel.guild_id)

    def _automod(self, world_event: AutoModChanged) -> Iterator[Event]:
        """Translate a change to a rule; bots without Manage Server do not get it."""
        guild, name = world_event.guild, f"AUTO_MODERATION_RULE_{world_event.operation.upper()}"
        if self._access.in_guild(guild, self._world.bot.id) & Permission.MANAGE_GUILD:
            yield Event(name, payloads.automod_rule(world_event.rule), AUTOMOD_RULES, guild.id)

    def _guild(self, world_event: GuildChanged) -> Event:
        guild = world_event.guild
        if world_event.operation == "create":
            joined = self.guild_create(guild)
            # Discord leaves out `unavailable` for guilds that the bot joins (discord-api-docs#5124).
            return replace(joined, data={name: value for name, value in joined.data.items() if name != "unavailable"})
        data = payloads.guild(guild) if world_event.operation == "update" else {"id": str(guild.id)}
        return Event(f"GUILD_{world_event.operation.upper()}", data, GUILDS, guild.id)
