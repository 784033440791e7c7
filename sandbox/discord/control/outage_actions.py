"""Actions for `POST /_sandbox/world` that disturb the bot: odd events, lost connections, restarts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from sandbox.control_http import refuse
from sandbox.discord.control.control_request import Action, ControlRequest
from sandbox.discord.gateway.gateway import Gateway
from sandbox.discord.gateway.session_starts import SessionStarts
from sandbox.discord.world.state import Json

RestartBot = Callable[[], Awaitable[None]]
"""Stops the bot, starts it again, and returns once it is connected."""
WAYS_TO_DROP = ("abort", "close", "reconnect", "invalid")
LIMITS = ("shards", "max_concurrency", "starts", "guilds_a_shard")


class OutageActions:
    """Disconnects, disturbs and restarts the bot."""

    def __init__(self, gateway: Gateway, starts: SessionStarts, restart_bot: RestartBot | None) -> None:
        self._gateway = gateway
        self._starts = starts
        self._restart = restart_bot

    @property
    def restarts_bot(self) -> bool:
        """Whether the bot can be restarted from here."""
        return self._restart is not None

    @property
    def bot_connected(self) -> bool:
        """Whether the bot is connected now."""
        return bool(self._gateway.connected)

    def gateway(self) -> Json:
        """Describe connected shards, the gateway's recommendations and limits, and how many starts were too fast."""
        starts = self._starts
        limit = {"shards": starts.shards, "session_start_limit": starts.limit()}
        return {"connected_shards": self._gateway.connected, "starts_too_fast": starts.too_fast, **limit}

    def actions(self) -> Mapping[str, Action]:
        """List the actions by name."""
        return {
            "send_event": self._send_event,
            "drop_gateway": self._drop_gateway,
            "set_gateway": self._set_gateway,
            "restart_bot": self._restart_bot,
        }

    async def _send_event(self, body: ControlRequest) -> Json:
        self._gateway.send_event(body.text("name"), body.data.get("data"))
        return {"name": body.text("name")}

    async def _drop_gateway(self, body: ControlRequest) -> Json:
        how = body.optional("how") or WAYS_TO_DROP[0]
        if how not in WAYS_TO_DROP:
            raise refuse(f"how must be one of {', '.join(WAYS_TO_DROP)}")
        shard = body.number("shard") if "shard" in body.data else None
        return {"how": how, "connections": await self._gateway.drop(how, shard)}

    async def _set_gateway(self, body: ControlRequest) -> Json:
        wanted = {name: body.number(name) for name in LIMITS if name in body.data}
        if 0 in {value for name, value in wanted.items() if name != "starts"}:
            raise refuse("shards, max_concurrency and guilds_a_shard must be at least 1")
        self._starts.limits = replace(self._starts.limits, **wanted)
        return self.gateway()

    async def _restart_bot(self, _body: ControlRequest) -> Json:
        if self._restart is None:
            raise refuse("the bot is another program: restart it there")
        await self._restart()
        return {}
