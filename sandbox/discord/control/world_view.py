"""Describes the whole world for the page and for tests."""

from sandbox.clock import SandboxClock
from sandbox.discord import payloads
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.world.access import Access
from sandbox.discord.world.event_bus import EventBus
from sandbox.discord.world.state import Channel, ChannelKind, Command, Entitlement, Guild, Json, Member, User, World


class WorldView:
    """Describes the world as one person sees it, or completely."""

    def __init__(self, world: World, clock: SandboxClock, hub: EventBus, access: Access, lookup: Lookup) -> None:
        self._world = world
        self._clock = clock
        self._hub = hub
        self._access = access
        self._lookup = lookup

    def describe(self, user: User | None, channel: Channel | None) -> Json:
        """Describe everything; for a person, only the channels that they see, and their commands in `channel`."""
        described: Json = {
            "now": self._clock.now(),
            "version": self._hub.version,
            "bot": payloads.user(self._world.bot),
            "guilds": [self._guild(one) for one in self._world.guilds.values()],
            "channels": [self._channel(one, user) for one in self._shown(user) if one.guild_id],
            "dms": [self._channel(one, user) for one in self._shown(user) if one.kind is ChannelKind.DM],
        }
        described["skus"] = [payloads.sku(self._world, one) for one in self._world.skus.values()]
        described["every_command"] = [self._command(one) for one in self._world.commands.values()]
        described["entitlements"] = [payloads.entitlement(self._world, one) for one in self._owned(user)]
        if user is not None and channel is not None:
            commands = self._lookup.commands(channel, user)
            described["commands"] = [payloads.command(self._world.application, one) for one in commands]
        return described

    @staticmethod
    def _command(one: Command) -> Json:
        """Describe a command, regardless of who can see it."""
        guild_id = str(one.guild_id) if one.guild_id else None
        return {"id": str(one.id), "name": one.name, "type": one.kind, "guild_id": guild_id}

    def _owned(self, user: User | None) -> list[Entitlement]:
        return [one for one in self._world.entitlements.values() if user is None or one.user_id == user.id]

    def _shown(self, user: User | None) -> list[Channel]:
        found = self._lookup.channels(user) if user else list(self._world.channels.values())
        return sorted(found, key=lambda one: (one.thread is not None, one.position, one.id))

    def _channel(self, one: Channel, user: User | None) -> Json:
        described = payloads.channel(self._world, one)
        return described if user is None else described | {"permissions": self._bits(one, user.id)}

    def _bits(self, channel: Channel, user_id: int) -> str:
        return str(int(self._access.in_channel(channel, user_id)))

    def _guild(self, one: Guild) -> Json:
        return {
            "id": str(one.id),
            "name": one.name,
            "owner_id": str(one.owner_id),
            "locale": one.locale,
            "tier": one.tier,
            "upload_limit": one.upload_limit,
            "roles": [payloads.role(role) for role in one.roles.values()],
            "automod_rules": [payloads.automod_rule(rule) for rule in one.automod_rules.values()],
            "command_permissions": [
                payloads.command_permissions(self._world, one, each) for each in one.command_permissions
            ],
            "members": [self._member(one, member) for member in one.members.values()],
        }

    def _member(self, guild: Guild, one: Member) -> Json:
        user = self._world.users[one.user_id]
        channels = [*self._world.channels_of(guild), *self._world.threads_of(guild)]
        return {
            "id": str(user.id),
            "name": user.name,
            "bot": user.bot,
            "locale": user.locale,
            "dms_open": user.dms_open,
            "avatar": f"/avatars/{user.id}/{user.id:032x}.png",
            "roles": [guild.roles[role].name for role in one.roles],
            "permissions": {str(each.id): self._bits(each, user.id) for each in channels},
        }
