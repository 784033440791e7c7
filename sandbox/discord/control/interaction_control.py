"""Control routes with which members start interactions and write messages.

- `POST /_sandbox/interactions` starts one; `GET /_sandbox/interactions/{id}?wait_s=5` returns its state, and with
  `wait_s` waits until it is no longer pending, or with `until=file` until one of its messages has a file. `patch`
  is a JSON merge patch (RFC 7396) for the event that the bot gets: null removes a field.
- `GET /_sandbox/interactions?after=ID` lists the states of all interactions started after that one, oldest first.
- `GET /_sandbox/messages?channel=ID&as=USER` lists messages as that person sees them. With `wait_s=5` it returns as
  soon as a message in that channel has changed after version `after_version` (by default: after now). Every answer has
  the version in the header `X-Sandbox-Version`.
- `POST /_sandbox/messages` {"user", "channel", "content", "files": [{"name", "base64"}], "reply_to"} sends one.
"""

from collections.abc import Mapping
from itertools import takewhile

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import CONTROL, answer, clock_route, read_object, refuse
from sandbox.discord.control.control_request import ControlRequest
from sandbox.discord.control.interaction_state import interaction_state
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.control.member_actions import MemberActions
from sandbox.discord.control.select_choices import SelectChoices
from sandbox.discord.message_payloads import MessagePayloads
from sandbox.discord.request_body import Sent
from sandbox.discord.rules import message as rules
from sandbox.discord.rules.error_codes import DiscordError
from sandbox.discord.world.access import Access
from sandbox.discord.world.automod import AutoMod
from sandbox.discord.world.event_bus import EventBus, MessageChanged, WorldEvent
from sandbox.discord.world.interactions import Interactions
from sandbox.discord.world.messages import Envelope, Messages
from sandbox.discord.world.state import Interaction, World

LONGEST_WAIT_S = 60.0
VERSION = "X-Sandbox-Version"


class InteractionControl:
    """The control routes for interactions and messages."""

    def __init__(
        self,
        world: World,
        clock: SandboxClock,
        hub: EventBus,
        access: Access,
        lookup: Lookup,
        messages: Messages,
        interactions: Interactions,
        described: MessagePayloads,
        automod: AutoMod,
    ) -> None:
        self._world = world
        self._clock = clock
        self._hub = hub
        self._access = access
        self._lookup = lookup
        self._messages = messages
        self._described = described
        self._automod = automod
        self._actions = MemberActions(world, lookup, messages, interactions, SelectChoices(world, access))
        self._changed: dict[int, int] = {}
        hub.listen(self._record_change)

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.post(f"{CONTROL}/interactions", self._interact),
            web.get(f"{CONTROL}/interactions", self._every_interaction),
            web.get(f"{CONTROL}/interactions/{{id}}", self._interaction),
            web.get(f"{CONTROL}/messages", self._list),
            web.post(f"{CONTROL}/messages", self._send),
            clock_route(self._clock),
        ]

    def _record_change(self, world_event: WorldEvent) -> None:
        if isinstance(world_event, MessageChanged):
            self._changed[world_event.channel.id] = self._hub.version

    async def _interact(self, request: web.Request) -> web.Response:
        interaction = await self._actions.start(ControlRequest(await read_object(request)))
        return answer({"id": str(interaction.id)})

    async def _interaction(self, request: web.Request) -> web.Response:
        text = request.match_info["id"]
        interaction = self._world.interactions.get(int(text) if text.isdigit() else 0)
        if interaction is None:
            raise refuse(f"there is no interaction {text}")
        match request.query.get("until"):
            case None:
                ready = _settled
            case "file":
                ready = self._has_file
            case other:
                raise refuse(f'until must be "file", not {other!r}')
        await self._hub.wait(lambda: ready(interaction), wait_s(request.query))
        return answer(interaction_state(interaction))

    async def _every_interaction(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit()):
            raise refuse("after must be an id")
        newest = takewhile(lambda one: one.id > int(after), reversed(self._world.interactions.values()))
        return answer([interaction_state(one) for one in reversed(list(newest))])

    def _has_file(self, interaction: Interaction) -> bool:
        channel = self._world.channels.get(interaction.channel_id)
        messages = takewhile(
            lambda one: one.id > interaction.id, reversed(channel.messages.values() if channel else ())
        )
        return any(one.attachments for one in messages if one.interaction_id == interaction.id)

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


def wait_s(query: Mapping[str, str]) -> float:
    """Read the seconds that a request may wait; 0 by default."""
    try:
        return min(LONGEST_WAIT_S, max(0.0, float(query.get("wait_s", "0"))))
    except ValueError:
        raise refuse("wait_s must be a number of seconds") from None


def _settled(interaction: Interaction) -> bool:
    return interaction.settled
