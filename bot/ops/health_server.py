"""The HTTP server for operators: `/healthz`, `/readyz` and `/metrics`.

With `PUBLIC_URL` it also serves files by signed link, and receives the provider's webhooks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.errors import StorageError
from bot.ops.file_routes import StoredResponse
from bot.ops.http_port import LimitedPort, PortLimits
from bot.ops.metrics import Metrics

log = logging.getLogger(__name__)

# aiohttp logs a traceback for each malformed request. Anyone could fill the disk with them.
_noise = logging.getLogger(f"{__name__}.requests")
_noise.setLevel(logging.CRITICAL)

HealthProbe = Callable[[], Awaitable[str | None]]
"""Checks one part of the bot; returns None if it works, otherwise a short reason."""

Fact = Callable[[], str]
"""Describes a state that is not a fault, but that an operator wants to know about."""


PROBE_S = 6.0
"""How long a part may take to answer. SQLite reports locks after 5 s; an unreachable PostgreSQL server takes longer."""

SHUTDOWN_S = 1.0
"""How long requests may take to finish when the bot stops."""


class Connection(Protocol):
    """The state of the connection to Discord, implemented by bot.chat."""

    @property
    def connection_problem(self) -> str | None:
        """The problem with the connection; None if all shards are connected and have sent their guilds."""
        ...


def discord_probe(connection: Connection) -> HealthProbe:
    """Return a probe that checks the connection to Discord."""

    async def probe() -> str | None:
        return connection.connection_problem

    return probe


def storage_probe(test: Callable[[], Awaitable[None]]) -> HealthProbe:
    """Return a probe that runs a test which raises StorageError."""

    async def probe() -> str | None:
        try:
            await test()
        except StorageError as error:
            return str(error)
        return None

    return probe


class HealthServer:
    """The HTTP server for health checks, metrics and additional routes."""

    def __init__(
        self,
        *,
        probes: Mapping[str, HealthProbe],
        metrics: Metrics,
        more: Sequence[web.AbstractRouteDef] = (),
        facts: Mapping[str, Fact] | None = None,
        limits: PortLimits | None = None,
        probe_s: float = PROBE_S,
    ) -> None:
        """Serve the health of the `probes`, the `metrics`, and the additional routes in `more`.

        `/readyz` also shows the `facts`, which are not faults. A part that is silent for `probe_s` is not ready.
        """
        self._probes = probes
        self._metrics = metrics
        self._more = more
        self._facts = facts or {}
        self._limits = limits or PortLimits()
        self._probe_s = probe_s
        self._runner: web.AppRunner | None = None
        self._port: LimitedPort | None = None

    async def start(self, host: str, port: int) -> str:
        """Start listening and return the address. Raises OSError if the port is taken."""
        app = web.Application(middlewares=[self._one_request_each])
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._measures),
                *self._more,
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, logger=_noise, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        protocol = self._runner.server
        if protocol is None:
            raise RuntimeError("the HTTP server was not set up")
        self._port = LimitedPort(protocol, self._limits)
        try:
            return await self._port.open(host, port)
        except OSError:
            await self._runner.cleanup()
            raise

    async def stop(self) -> None:
        """Stop listening."""
        if self._port is not None:
            await self._port.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _one_request_each(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Tell the port about each request, and close its connection afterwards, so that nobody occupies one."""
        port = self._port
        if port is None:
            raise RuntimeError("the HTTP server was not started")
        if request.content.is_eof():  # otherwise its body may never come, and it still has to make room for others
            port.request_arrived(request.transport)
        is_file = False
        try:
            response = await handler(request)
            sends_file = isinstance(response, web.FileResponse | StoredResponse)
            is_file = sends_file and port.download_begins(request.transport)
            if sends_file and not is_file:
                response = web.Response(status=503, text="Too many downloads.", headers={"Retry-After": "10"})
        except web.HTTPException as refusal:
            refusal.force_close()
            raise
        except Exception:
            log.exception("the HTTP request for %s failed", request.path)
            response = web.Response(status=500, text="This failed.")
        finally:
            if not is_file:
                port.answer_is_ready(request.transport)
        response.force_close()
        return response

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _readyz(self, _request: web.Request) -> web.Response:
        answers = await asyncio.gather(*(self._answer(probe) for probe in self._probes.values()))
        wrong = {name: reason for name, reason in zip(self._probes, answers, strict=True) if reason}
        told = {"facts": {name: fact() for name, fact in self._facts.items()}} if self._facts else {}
        return web.json_response({"ready": not wrong, "wrong": wrong, **told}, status=503 if wrong else 200)

    async def _answer(self, probe: HealthProbe) -> str | None:
        try:
            async with asyncio.timeout(self._probe_s):
                return await probe()
        except TimeoutError:
            return f"no answer within {self._probe_s:g} s"

    async def _measures(self, _request: web.Request) -> web.Response:
        return web.Response(body=await self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
