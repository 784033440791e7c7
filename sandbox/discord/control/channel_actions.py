"""Actions on channels, threads and messages for `POST /_sandbox/world`."""

from collections.abc import Mapping

from sandbox.control_http import refuse
from sandbox.discord import payloads
from sandbox.discord.control.control_request import Action, ControlRequest
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.world.channels import Channels
from sandbox.discord.world.membership import Membership
from sandbox.discord.world.messages import Messages
from sandbox.discord.world.state import Channel, ChannelKind, Guild, Json, Overwrite, World


class ChannelActions:
    """Moderators' actions on channels and messages."""

    def __init__(
        self, world: World, lookup: Lookup, channels: Channels, membership: Membership, messages: Messages
    ) -> None:
        self._world = world
        self._lookup = lookup
        self._channels = channels
        self._membership = membership
        self._messages = messages

    def actions(self) -> Mapping[str, Action]:
        """List the actions by name."""
        return {
            "delete_message": self._delete_message,
            "delete_channel": self._delete_channel,
            "create_channel": self._create_channel,
            "create_category": self._create_category,
            "move_channel": self._move_channel,
            "set_age_restricted": self._set_age_restricted,
            "create_thread": self._create_thread,
            "archive_thread": self._archive_thread,
            "lock_thread": self._lock_thread,
            "set_permissions": self._set_permissions,
            "forward_message": self._forward_message,
        }

    def _channel(self, body: ControlRequest) -> Channel:
        return self._lookup.channel(body.text("channel"))

    def _thread(self, body: ControlRequest) -> Channel:
        channel = self._channel(body)
        if channel.thread is None:
            raise refuse(f"channel {channel.id} is not a thread")
        return channel

    def _guild(self, body: ControlRequest) -> Guild:
        return self._lookup.guild(body.optional("guild"))

    async def _delete_message(self, body: ControlRequest) -> Json:
        message = self._lookup.message(self._channel(body), body.optional("message_id") or body.text("message"))
        await self._messages.delete(message)
        return {"message": str(message.id)}

    async def _delete_channel(self, body: ControlRequest) -> Json:
        channel = self._channel(body)
        await self._channels.delete(channel)
        return {"channel": str(channel.id)}

    async def _create_channel(self, body: ControlRequest) -> Json:
        name, guild = body.text("name"), self._guild(body)
        topic, nsfw = body.optional("topic"), body.boolean("nsfw", default=False)
        category = self._category(body, guild)
        channel = self._channels.create_channel(guild, name, topic=topic, nsfw=nsfw, category=category)
        return {"channel": str(channel.id)}

    def _category(self, body: ControlRequest, guild: Guild) -> Channel | None:
        return self._lookup.category(guild, body.text("category")) if body.optional("category") else None

    async def _create_category(self, body: ControlRequest) -> Json:
        category = str(self._channels.create_category(self._guild(body), body.text("name")).id)
        return {"channel": category, "category": category}

    async def _move_channel(self, body: ControlRequest) -> Json:
        channel = self._text_channel(body)
        category = self._category(body, self._world.guilds[channel.guild_id or 0])
        self._channels.move(channel, category, sync=body.boolean("sync", default=True))
        return {"channel": str(channel.id), "category": str(category.id) if category else None}

    async def _set_age_restricted(self, body: ControlRequest) -> Json:
        channel, on = self._text_channel(body), body.boolean("on", default=True)
        self._channels.restrict(channel, nsfw=on)
        return {"channel": str(channel.id), "on": on}

    def _text_channel(self, body: ControlRequest) -> Channel:
        channel = self._channel(body)
        if channel.kind is not ChannelKind.TEXT:
            raise refuse(f"channel {channel.id} is not a text channel")
        return channel

    async def _create_thread(self, body: ControlRequest) -> Json:
        owner = self._lookup.user(body.optional("user") or "bot")
        private = body.boolean("private", default=False)
        thread = self._channels.create_thread(self._channel(body), body.text("name"), owner.id, private=private)
        return {"channel": str(thread.id)}

    async def _archive_thread(self, body: ControlRequest) -> Json:
        thread, archived = self._thread(body), body.boolean("archived", default=True)
        self._channels.set_thread(thread, archived=archived)
        return {"channel": str(thread.id), "archived": archived}

    async def _lock_thread(self, body: ControlRequest) -> Json:
        thread, locked = self._thread(body), body.boolean("locked", default=True)
        self._channels.set_thread(thread, locked=locked)
        return {"channel": str(thread.id), "locked": locked}

    async def _set_permissions(self, body: ControlRequest) -> Json:
        allow, deny = body.bits("allow"), body.bits("deny")
        if body.optional("channel") is None:
            return self._set_role(body, allow, deny)
        channel = self._channel(body)
        guild = self._world.guild_of(channel)
        if guild is None:
            raise refuse("a DM channel has no permissions")
        if body.optional("user"):
            overwrite = Overwrite(self._lookup.user(body.text("user")).id, 1, allow, deny)
        else:
            overwrite = Overwrite(self._lookup.role(guild, body.text("role")).id, 0, allow, deny)
        self._channels.set_overwrite(self._world.base_of(channel), overwrite)
        return {"channel": str(channel.id), "id": str(overwrite.id), "allow": str(allow), "deny": str(deny)}

    def _set_role(self, body: ControlRequest, allow: int, deny: int) -> Json:
        guild = self._guild(body)
        role = self._lookup.role(guild, body.text("role"))
        self._membership.set_role(guild, role, role.permissions & ~deny | allow)
        return {"role": payloads.role(role)}

    async def _forward_message(self, body: ControlRequest) -> Json:
        user = self._lookup.person(body.text("as"))
        source = self._lookup.message_anywhere(body.text("message"), user)
        message = await self._messages.forward(source, self._lookup.channel(body.text("channel"), user), user.id)
        return {"id": str(message.id)}
