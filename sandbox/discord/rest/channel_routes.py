"""REST routes for channels, threads, and messages sent with the bot's token."""

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import answer
from sandbox.discord import payloads
from sandbox.discord.message_payloads import MessagePayloads
from sandbox.discord.request_body import Sent, read_query, read_sent
from sandbox.discord.rest.middleware import API, RateLimited, snowflake
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import Body, FieldErrors
from sandbox.discord.rules.mentions import Origin
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.rate_limits import OLD_EDITS, OLD_MESSAGE_S, RateLimiter
from sandbox.discord.world.access import Access
from sandbox.discord.world.channels import Channels
from sandbox.discord.world.message_checks import MessageChecks
from sandbox.discord.world.messages import Envelope, Messages
from sandbox.discord.world.state import Channel, ChannelKind, Json, Message, World

NONCE_LIFE_S = 300
"""How long an enforced nonce is remembered: Discord says "the past few minutes"."""
MOST_LISTED = 100

_CHANNEL = f"{API}/channels/{{channel}}"
_MESSAGE = f"{_CHANNEL}/messages/{{message}}"


class MessageRoutes:
    """The routes for messages in a channel, as the bot sees them."""

    def __init__(
        self,
        world: World,
        clock: SandboxClock,
        access: Access,
        checks: MessageChecks,
        messages: Messages,
        payloads_of: MessagePayloads,
        limiter: RateLimiter,
    ) -> None:
        self._world = world
        self._clock = clock
        self._access = access
        self._checks = checks
        self._messages = messages
        self._payloads = payloads_of
        self._limiter = limiter

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get(f"{_CHANNEL}/messages", self._list),
            # This must precede the route for a single message: newer clients request pins under the messages' path.
            web.get(f"{_CHANNEL}/messages/pins", self._no_pins),
            web.get(f"{_CHANNEL}/pins", self._no_old_pins),
            web.post(f"{_CHANNEL}/messages", self._create),
            web.get(_MESSAGE, self._get),
            web.patch(_MESSAGE, self._edit),
            web.delete(_MESSAGE, self._delete),
            web.post(f"{_CHANNEL}/typing", self._type),
        ]

    def _channel(self, request: web.Request) -> Channel:
        channel_id = snowflake(request, "channel", Code.UNKNOWN_CHANNEL)
        channel = self._access.visible(channel_id, self._world.bot.id)
        if channel.kind is ChannelKind.CATEGORY:
            raise Code.NOT_A_TEXT_CHANNEL.error()
        return channel

    def _message(self, request: web.Request) -> Message:
        """Find a message; private ones cannot be found here, as if they did not exist."""
        channel = self._channel(request)
        message = channel.messages.get(snowflake(request, "message", Code.UNKNOWN_MESSAGE))
        if message is None or message.private_to is not None:
            raise Code.UNKNOWN_MESSAGE.error()
        return message

    async def _list(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        if not self._access.in_channel(channel, self._world.bot.id) & Permission.READ_MESSAGE_HISTORY:
            return answer([])
        found = [one for one in channel.messages.values() if one.private_to is None]
        return answer([self._payloads.for_bot(one) for one in _page(found, read_query(request))])

    async def _no_pins(self, request: web.Request) -> web.Response:
        self._channel(request)
        return answer({"items": [], "has_more": False})

    async def _no_old_pins(self, request: web.Request) -> web.Response:
        self._channel(request)
        return answer([])

    async def _get(self, request: web.Request) -> web.Response:
        message = self._message(request)
        channel = self._world.channels[message.channel_id]
        self._access.require(channel, self._world.bot.id, Permission.READ_MESSAGE_HISTORY)
        return answer(self._payloads.for_bot(message))

    async def _create(self, request: web.Request) -> web.Response:
        sent = await read_sent(request)
        channel = self._channel(request)
        self._refuse_closed_dm(channel)
        self._checks.new_message(channel, sent)
        message = self._repeated(channel, sent)
        if message is None:
            message = await self._messages.create(channel, sent, Envelope(self._world.bot.id))
        return answer(self._payloads.message(message))

    def _refuse_closed_dm(self, channel: Channel) -> None:
        if channel.kind is not ChannelKind.DM:
            return
        person = next(self._world.users[one] for one in channel.recipients if one != self._world.bot.id)
        shared = [one for one in self._world.guilds.values() if {person.id, self._world.bot.id} <= one.members.keys()]
        if not shared:
            raise Code.NO_MUTUAL_GUILD.error()
        if not person.dms_open:
            raise Code.CANNOT_SEND_TO_USER.error()

    def _repeated(self, channel: Channel, sent: Sent) -> Message | None:
        """Find the message that was sent with the same enforced nonce a moment ago."""
        nonce = sent.payload.get("nonce")
        if nonce is None or not sent.payload.get("enforce_nonce"):
            return None
        oldest = self._clock.now_ms() - NONCE_LIFE_S * 1_000
        mine = [one for one in channel.messages.values() if one.author_id == self._world.bot.id]
        return next((one for one in mine if str(one.nonce) == str(nonce) and one.created_ms > oldest), None)

    async def _edit(self, request: web.Request) -> web.Response:
        sent = await read_sent(request)
        message = self._message(request)
        if message.author_id != self._world.bot.id:
            raise Code.NOT_THE_AUTHOR.error()
        self._limit_old_edits(message)
        self._checks.edit(message, sent)
        return answer(self._payloads.message(await self._messages.edit(message, sent, Origin.BOT_MESSAGE)))

    def _limit_old_edits(self, message: Message) -> None:
        if self._clock.now() - message.created_ms / 1_000 < OLD_MESSAGE_S:
            return
        allowance = self._limiter.take(OLD_EDITS, str(message.channel_id))
        if not allowance.allowed:
            raise RateLimited(allowance, Code.TOO_MANY_OLD_EDITS)

    async def _delete(self, request: web.Request) -> web.Response:
        message = self._message(request)
        channel = self._world.channels[message.channel_id]
        if message.author_id != self._world.bot.id:
            self._access.require(channel, self._world.bot.id, Permission.MANAGE_MESSAGES)
        if channel.thread and channel.thread.archived:
            raise Code.ARCHIVED_THREAD.error()
        await self._messages.delete(message)
        return web.Response(status=204)

    async def _type(self, request: web.Request) -> web.Response:
        self._access.require_sending(self._channel(request), self._world.bot.id)
        return web.Response(status=204)


def _page(found: list[Message], query: Json) -> list[Message]:
    """Return a page, newest first, selected by `before`, `after`, `around` and `limit`."""
    errors = FieldErrors()
    wanted = Body(query, errors)
    limit = wanted.integer("limit", least=1, most=MOST_LISTED) or 50
    marks = {key: wanted.snowflake(key) for key in ("before", "after", "around")}
    errors.refuse()
    ordered = sorted(found, key=lambda one: one.id)
    if (before := marks["before"]) is not None:
        ordered = [one for one in ordered if one.id < before]
    if (after := marks["after"]) is not None:
        ordered = [one for one in ordered if one.id > after][:limit]
    if (around := marks["around"]) is not None:
        middle = sum(one.id < around for one in ordered)
        ordered = ordered[max(0, middle - limit // 2) :][:limit]
    return ordered[::-1][:limit]


class ChannelRoutes:
    """The routes for channels and threads."""

    def __init__(self, world: World, access: Access, channels: Channels) -> None:
        self._world = world
        self._access = access
        self._channels = channels

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get(_CHANNEL, self._get),
            web.patch(_CHANNEL, self._edit),
            web.delete(_CHANNEL, self._delete),
            web.post(f"{_CHANNEL}/threads", self._open_thread),
            web.post(f"{_MESSAGE}/threads", self._open_thread),
            web.put(f"{_CHANNEL}/thread-members/@me", self._join),
            web.delete(f"{_CHANNEL}/thread-members/@me", self._leave),
        ]

    def _channel(self, request: web.Request) -> Channel:
        channel_id = snowflake(request, "channel", Code.UNKNOWN_CHANNEL)
        return self._access.visible(channel_id, self._world.bot.id)

    def _thread(self, request: web.Request) -> Channel:
        channel = self._channel(request)
        if channel.thread is None:
            raise Code.WRONG_CHANNEL_TYPE.error()
        return channel

    async def _get(self, request: web.Request) -> web.Response:
        return answer(payloads.channel(self._world, self._channel(request)))

    async def _edit(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        errors = FieldErrors()
        body = Body((await read_sent(request)).payload, errors)
        name, topic = body.text("name", least=1, most=100), body.text("topic", most=1_024)
        archived, locked = body.boolean("archived"), body.boolean("locked")
        errors.refuse()
        self._require_managing(channel, locked=locked is not None)
        if channel.thread is not None:
            self._channels.set_thread(channel, archived=archived, locked=locked)
        self._channels.rename(channel, name=name, topic=topic)
        return answer(payloads.channel(self._world, channel))

    def _require_managing(self, channel: Channel, *, locked: bool) -> None:
        bot = self._world.bot.id
        if channel.thread is None:
            self._access.require(channel, bot, Permission.MANAGE_CHANNELS)
        elif channel.thread.owner_id != bot or locked or channel.thread.locked:
            self._access.require(channel, bot, Permission.MANAGE_THREADS)

    async def _delete(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        needed = Permission.MANAGE_THREADS if channel.thread else Permission.MANAGE_CHANNELS
        self._access.require(channel, self._world.bot.id, needed)
        await self._channels.delete(channel)
        return answer(payloads.channel(self._world, channel))

    async def _open_thread(self, request: web.Request) -> web.Response:
        parent = self._channel(request)
        if parent.kind is not ChannelKind.TEXT:
            raise Code.WRONG_CHANNEL_TYPE.error()
        errors = FieldErrors()
        body = Body((await read_sent(request)).payload, errors)
        name = body.text("name", least=1, most=100, required=True)
        kind = body.one_of("type", (int(ChannelKind.PUBLIC_THREAD), int(ChannelKind.PRIVATE_THREAD)))
        errors.refuse()
        private = kind == ChannelKind.PRIVATE_THREAD or (kind is None and "message" not in request.match_info)
        needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
        self._access.require(parent, self._world.bot.id, needed)
        thread = self._channels.create_thread(parent, name or "", self._world.bot.id, private=private)
        return answer(payloads.channel(self._world, thread), status=201)

    async def _join(self, request: web.Request) -> web.Response:
        self._channels.join_thread(self._require_open(self._thread(request)), self._world.bot.id)
        return web.Response(status=204)

    async def _leave(self, request: web.Request) -> web.Response:
        self._channels.leave_thread(self._require_open(self._thread(request)), self._world.bot.id)
        return web.Response(status=204)

    @staticmethod
    def _require_open(channel: Channel) -> Channel:
        if channel.thread and channel.thread.archived:
            raise Code.ARCHIVED_THREAD.error()
        return channel
