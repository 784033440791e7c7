"""Control routes with which members read and write messages.

- `GET /_sandbox/messages?channel=ID&as=USER` lists messages as that person sees them. With `wait_s=5` it returns as
  soon as a message in that channel has changed after version `after_version` (by default, the current one). Every
  response has the current version in the header `X-Sandbox-Version`.
- `POST /_sandbox/messages` {"user", "channel", "content", "files": [{"name", "base64"}], "reply_to"} sends a message.
"""

from aiohttp import web

from sandbox.control_http import CONTROL, answer, read_object, refuse
from sandbox.discord.control.control_request import ControlRequest, wait_s
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.message_payloads import MessagePayloads
from sandbox.discord.request_body import Sent
from sandbox.discord.rules import message as rules
from sandbox.discord.rules.error_codes import DiscordError
from sandbox.discord.world.access import Access
from sandbox.discord.world.automod import AutoMod
from sandbox.discord.world.event_bus import EventBus, MessageChanged, WorldEvent
from sandbox.discord.world.messages import Envelope, Messages

VERSION = "X-Sandbox-Version"


class MessageControl:
    """The control routes for messages."""

    def __init__(
        self,
        hub: EventBus,
        access: Access,
        lookup: Lookup,
        messages: Messages,
        described: MessagePayloads,
        automod: AutoMod,
    ) -> None:
        self._hub = hub
        self._access = access
        self._lookup = lookup
        self._messages = messages
        self._described = described
        self._automod = automod
        self._changed: dict[int, int] = {}
        hub.listen(self._record_change)

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [web.get(f"{CONTROL}/messages", self._list), web.post(f"{CONTROL}/messages", self._send)]

    def _record_change(self, world_event: WorldEvent) -> None:
        if isinstance(world_event, MessageChanged):
            self._changed[world_event.channel.id] = self._hub.version

    async def _list(self, request: web.Request) -> web.Response:
        user = self._lookup.person(request.query.get("as"))
        channel = self._lookup.conversation(request.query.get("channel"), user)
        after = int(request.query.get("after_version", self._hub.version))
        await self._hub.wait(lambda: self._changed.get(channel.id, 0) > after, wait_s(request.query))
        shown = answer([self._described.message(one) for one in self._lookup.messages(channel, user)])
        shown.headers[VERSION] = str(self._hub.version)
        return shown

    async def _send(self, request: web.Request) -> web.Response:
        body = ControlRequest(await read_object(request))
        user = self._lookup.person(body.text("user"))
        channel = self._lookup.conversation(body.text("channel"), user)
        reply_to = body.data.get("reply_to")
        reference = {"message_reference": {"message_id": str(reply_to)}} if reply_to else {}
        payload = {"content": body.data.get("content", "")} | reference
        sent = Sent(payload, body.file_list())
        try:
            self._access.require_sending(channel, user.id)
            self._automod.require_allowed(channel, user.id, str(payload["content"]))
            rules.check_create(payload, sent.uploads, upload_limit=self._described.upload_limit(channel))
        except DiscordError as error:
            raise refuse(str(error)) from error
        message = await self._messages.create(channel, sent, Envelope(user.id))
        return answer(self._described.message(message))
