"""The HTTP server for operators: `/healthz`, `/readyz` and `/metrics`; with `PUBLIC_URL` also files by signed link."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.ops.metrics import Metrics

HealthProbe = Callable[[], Awaitable[str | None]]
"""Checks one part of the bot; returns None if it works, otherwise a short reason."""


class Connection(Protocol):
    """The state of the connection to Discord, implemented by bot.chat."""

    @property
    def connected(self) -> bool:
        """Whether the gateway is connected and has sent the guilds."""
        ...


def discord_probe(connection: Connection) -> HealthProbe:
    """Return a probe that checks the connection to Discord."""

    async def probe() -> str | None:
        return None if connection.connected else "not connected to Discord"

    return probe


class HealthServer:
    """The HTTP server for health checks, metrics and additional routes."""

    def __init__(
        self, *, probes: Mapping[str, HealthProbe], metrics: Metrics, more: Sequence[web.AbstractRouteDef] = ()
    ) -> None:
        """Serve the health of the `probes`, the `metrics`, and the additional routes in `more`."""
        self._probes = probes
        self._metrics = metrics
        self._more = more
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """Start listening and return the address. Raises OSError if the port is taken."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._measures),
                *self._more,
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound_host, bound_port = self._runner.addresses[0][:2]
        return f"http://{bound_host}:{bound_port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _readyz(self, _request: web.Request) -> web.Response:
        answers = {name: await probe() for name, probe in self._probes.items()}
        wrong = {name: reason for name, reason in answers.items() if reason}
        return web.json_response({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)

    async def _measures(self, _request: web.Request) -> web.Response:
        return web.Response(body=await self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
