"""Server-sent events for the page: the changes that one member sees.

`GET /_sandbox/stream?as=USER` sends `message` {"op", "channel", "message"}, `interaction` (as the control interface
describes it; only the person's own) and `world` {"changed"}, after which `/_sandbox/world` should be read again.
"""

import asyncio
import contextlib
import json

from aiohttp import web

from sandbox.control_http import CONTROL
from sandbox.discord.control.interaction_state import interaction_state
from sandbox.discord.control.lookup import Lookup, visible
from sandbox.discord.message_payloads import MessagePayloads
from sandbox.discord.world.access import Access
from sandbox.discord.world.event_bus import (
    ChannelChanged,
    CommandPermissionsChanged,
    CommandsChanged,
    EventBus,
    InteractionDispatched,
    InteractionSettled,
    MessageChanged,
    WorldEvent,
)
from sandbox.discord.world.state import Json, User

PING_S = 15.0
PageEvent = tuple[str, Json]


class PageStream:
    """The event streams of all open pages."""

    def __init__(self, hub: EventBus, access: Access, messages: MessagePayloads, lookup: Lookup) -> None:
        self._hub = hub
        self._access = access
        self._messages = messages
        self._lookup = lookup
        self._open: set[asyncio.Queue[PageEvent | None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [web.get(f"{CONTROL}/stream", self._listen)]

    def stop(self) -> None:
        """End all streams."""
        for queue in self._open:
            queue.put_nowait(None)

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        user = self._lookup.person(request.query.get("as"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        queue: asyncio.Queue[PageEvent | None] = asyncio.Queue()
        queue.put_nowait(("world", {"changed": "connected", "version": self._hub.version}))
        self._open.add(queue)
        unlisten = self._hub.listen(lambda world_event: self._queue_event(queue, user, world_event))
        try:
            with contextlib.suppress(ConnectionError):  # the viewer has closed the page
                await _write_all(response, queue)
        finally:
            unlisten()
            self._open.discard(queue)
        return response

    def _queue_event(self, queue: "asyncio.Queue[PageEvent | None]", user: User, world_event: WorldEvent) -> None:
        event_data = self._event_for(user, world_event)
        if event_data is not None:
            queue.put_nowait(event_data)

    def _event_for(self, user: User, world_event: WorldEvent) -> PageEvent | None:
        match world_event:
            case MessageChanged(operation, channel, message):
                if not visible(message, user) or not self._access.sees(channel, user.id):
                    return None
                shown = {"id": str(message.id)} if operation == "delete" else self._messages.message(message)
                return "message", {"op": operation, "channel": str(channel.id), "message": shown}
            case InteractionDispatched(interaction) | InteractionSettled(interaction):
                return ("interaction", interaction_state(interaction)) if interaction.user_id == user.id else None
            case ChannelChanged(operation, channel):
                return "world", {"changed": "channel", "op": operation, "channel": str(channel.id)}
            case CommandsChanged() | CommandPermissionsChanged():
                return "world", {"changed": "commands"}
            case _:
                return "world", {"changed": "guild"}


async def _write_all(response: web.StreamResponse, queue: "asyncio.Queue[PageEvent | None]") -> None:
    while True:
        try:
            event_data = await asyncio.wait_for(queue.get(), PING_S)
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        if event_data is None:
            return
        event, data = event_data
        await response.write(f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode())
