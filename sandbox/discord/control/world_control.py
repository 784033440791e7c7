"""The control interface for the world itself: moderators' actions, outages, and a view of everything.

`POST /_sandbox/world` {"do": ...} answers with the changes:

- `delete_message` channel, message · `delete_channel` channel · `create_channel` name, guild, topic, nsfw
- `create_thread` channel, name, user, private · `archive_thread` channel, archived=true · `lock_thread` channel,
  locked=true
- `set_permissions` channel, role or user, allow, deny (names such as ATTACH_FILES, or a number); without a channel:
  what a role may do in the guild, `allow` adding and `deny` taking away
- `set_locale` locale, user or guild: the language of a member's client, or the guild's own
- `set_tier` tier, guild · `close_dms` user, closed=true · `leave` and `join` user (`bot`: the bot is removed, or
  invited again; `by`: by whom, else the owner), guild · `set_system_channel` channel (none if left out), guild
- `add_entry_point`: the command of an Activity, which Discord itself makes
- `send_event` name, data: a gateway event as it is, which the bot may be unable to read
- `forward_message` message, channel, as: answers with the new message's `id`
- `drop_gateway` how: `abort` (default), `close`, `reconnect` or `invalid`
- `restart_bot`: answers when the bot is back, if the program that runs the sandbox runs the bot too

`GET /_sandbox/world?as=USER&channel=ID` lists guilds, channels, roles, members with their permissions in each channel,
and the commands that USER can use in that channel.
"""

from collections.abc import Awaitable, Callable
from typing import cast

from aiohttp import web

from sandbox.control_http import CONTROL, answer, read_object, refuse
from sandbox.discord import payloads
from sandbox.discord.control.control_request import ControlRequest
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.control.world_view import WorldView
from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.rest.middleware import InvalidRequests
from sandbox.discord.rules.localized import LOCALES
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.channels import Channels
from sandbox.discord.world.command_registry import CommandRegistry
from sandbox.discord.world.messages import Messages
from sandbox.discord.world.state import Channel, Guild, Json, Overwrite, World

TIERS = range(4)

RestartBot = Callable[[], Awaitable[None]]
"""Stops the bot, starts it again, and returns once it is connected."""
WAYS_TO_DROP = ("abort", "close", "reconnect", "invalid")


class WorldControl:
    """Changes and shows the world, over HTTP."""

    def __init__(
        self,
        world: World,
        lookup: Lookup,
        channels: Channels,
        messages: Messages,
        commands: CommandRegistry,
        gateway: Gateway,
        view: WorldView,
        invalid: InvalidRequests,
        restart_bot: RestartBot | None,
    ) -> None:
        self._world = world
        self._lookup = lookup
        self._channels = channels
        self._messages = messages
        self._commands = commands
        self._gateway = gateway
        self._view = view
        self._invalid = invalid
        self._restart = restart_bot
        self._actions: dict[str, Callable[[ControlRequest], Awaitable[Json]]] = {
            "delete_message": self._delete_message,
            "delete_channel": self._delete_channel,
            "create_channel": self._create_channel,
            "create_thread": self._create_thread,
            "archive_thread": self._archive_thread,
            "lock_thread": self._lock_thread,
            "set_permissions": self._set_permissions,
            "set_locale": self._set_locale,
            "set_tier": self._set_tier,
            "close_dms": self._close_dms,
            "leave": self._leave,
            "join": self._join,
            "set_system_channel": self._set_system_channel,
            "add_entry_point": self._add_entry_point,
            "send_event": self._send_event,
            "forward_message": self._forward_message,
            "drop_gateway": self._drop_gateway,
            "restart_bot": self._restart_bot,
        }

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [web.post(f"{CONTROL}/world", self._change), web.get(f"{CONTROL}/world", self._show)]

    async def _change(self, request: web.Request) -> web.Response:
        body = ControlRequest(await read_object(request))
        wanted = body.text("do")
        action = self._actions.get(wanted)
        if action is None:
            raise refuse(f"unknown action {wanted!r}; known are {', '.join(self._actions)}")
        return answer({"do": wanted} | await action(body))

    async def _show(self, request: web.Request) -> web.Response:
        user = self._lookup.person(request.query["as"]) if "as" in request.query else None
        channel = self._lookup.channel(request.query["channel"], user) if "channel" in request.query else None
        facts = {"invalid_requests": self._invalid.count(), "bot_connected": self._gateway.connected > 0}
        facts["bot_restarts"] = self._restart is not None
        return answer(self._view.describe(user, channel) | facts)

    def _channel(self, body: ControlRequest) -> Channel:
        return self._lookup.channel(body.text("channel"))

    def _thread(self, body: ControlRequest) -> Channel:
        channel = self._channel(body)
        if channel.thread is None:
            raise refuse(f"channel {channel.id} is not a thread")
        return channel

    def _guild(self, body: ControlRequest) -> Guild:
        return self._lookup.guild(body.optional("guild"))

    async def _restart_bot(self, _body: ControlRequest) -> Json:
        if self._restart is None:
            raise refuse("the bot is another program: restart it there")
        await self._restart()
        return {}

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
        channel = self._channels.create_channel(guild, name, topic=topic, nsfw=nsfw)
        return {"channel": str(channel.id)}

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
        allow, deny = _bits(body, "allow"), _bits(body, "deny")
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
        self._channels.set_role(guild, role.id, role.permissions & ~deny | allow)
        return {"role": payloads.role(role)}

    async def _set_locale(self, body: ControlRequest) -> Json:
        locale = body.text("locale")
        if locale not in LOCALES:
            raise refuse(f"locale must be one of {', '.join(sorted(LOCALES))}")
        whose = self._lookup.person(body.text("user")) if body.optional("user") else self._guild(body)
        self._channels.set_locale(whose, locale)
        return {"id": str(whose.id), "locale": locale}

    async def _set_tier(self, body: ControlRequest) -> Json:
        tier = body.text("tier")
        if tier not in map(str, TIERS):
            raise refuse("tier must be 0, 1, 2 or 3")
        guild = self._guild(body)
        self._channels.set_tier(guild, int(tier))
        return {"guild": str(guild.id), "tier": guild.tier, "upload_limit": guild.upload_limit}

    async def _close_dms(self, body: ControlRequest) -> Json:
        user, closed = self._lookup.person(body.text("user")), body.boolean("closed", default=True)
        self._channels.close_dms(user, closed=closed)
        return {"user": str(user.id), "closed": closed}

    async def _leave(self, body: ControlRequest) -> Json:
        guild, user = self._guild(body), self._lookup.user(body.text("user"))
        self._channels.leave(guild, user)
        return {"guild": str(guild.id), "user": str(user.id)}

    async def _join(self, body: ControlRequest) -> Json:
        guild, user = self._guild(body), self._lookup.user(body.text("user"))
        self._channels.join(guild, user, self._lookup.person(body.text("by")) if body.optional("by") else None)
        return {"guild": str(guild.id), "user": str(user.id)}

    async def _set_system_channel(self, body: ControlRequest) -> Json:
        guild = self._guild(body)
        channel = self._channel(body) if body.optional("channel") else None
        self._channels.set_system_channel(guild, channel)
        return {"guild": str(guild.id), "channel": str(channel.id) if channel else None}

    async def _add_entry_point(self, _: ControlRequest) -> Json:
        return {"command": str(self._commands.add_entry_point().id)}

    async def _send_event(self, body: ControlRequest) -> Json:
        self._gateway.send_event(body.text("name"), body.data.get("data"))
        return {"name": body.text("name")}

    async def _forward_message(self, body: ControlRequest) -> Json:
        user = self._lookup.person(body.text("as"))
        source = self._lookup.message_anywhere(body.text("message"), user)
        message = await self._messages.forward(source, self._lookup.channel(body.text("channel"), user), user.id)
        return {"id": str(message.id)}

    async def _drop_gateway(self, body: ControlRequest) -> Json:
        how = body.optional("how") or WAYS_TO_DROP[0]
        if how not in WAYS_TO_DROP:
            raise refuse(f"how must be one of {', '.join(WAYS_TO_DROP)}")
        return {"how": how, "connections": await self._gateway.drop(how)}


def _bits(body: ControlRequest, key: str) -> int:
    value = body.data.get(key) or 0
    if isinstance(value, list):
        names = [str(one).upper() for one in cast("list[object]", value)]
        unknown = [name for name in names if name not in Permission.__members__]
        if unknown:
            raise refuse(f"unknown permission {', '.join(unknown)}")
        return int(sum(Permission[name] for name in set(names)))
    text = str(value)
    if not text.isdigit():
        raise refuse(f"{key} must be a number or a list of names")
    return int(text)
