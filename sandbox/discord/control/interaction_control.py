"""Control routes with which members start interactions.

- `POST /_sandbox/interactions` starts one; `GET /_sandbox/interactions/{id}?wait_s=5` returns its state. With
  `wait_s`, it first waits until the interaction is no longer pending (with `until=file`: until one of its messages
  has a file). `patch` is a JSON merge patch (RFC 7396) for the event that the bot gets: null removes a field.
- `GET /_sandbox/interactions?after=ID` lists the states of all interactions started after that one, oldest first.
"""

from itertools import takewhile

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import CONTROL, answer, clock_route, read_object, refuse
from sandbox.discord.control.control_request import ControlRequest, wait_s
from sandbox.discord.control.interaction_state import interaction_state
from sandbox.discord.control.member_actions import MemberActions
from sandbox.discord.world.event_bus import EventBus
from sandbox.discord.world.state import Interaction, World


class InteractionControl:
    """The control routes for interactions, and for the clock."""

    def __init__(self, world: World, clock: SandboxClock, hub: EventBus, actions: MemberActions) -> None:
        self._world = world
        self._clock = clock
        self._hub = hub
        self._actions = actions

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.post(f"{CONTROL}/interactions", self._interact),
            web.get(f"{CONTROL}/interactions", self._every_interaction),
            web.get(f"{CONTROL}/interactions/{{id}}", self._interaction),
            clock_route(self._clock),
        ]

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


def _settled(interaction: Interaction) -> bool:
    return interaction.settled
