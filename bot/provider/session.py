"""Opens the HTTP sessions for all requests to the provider."""

from types import SimpleNamespace

import aiohttp
from aiohttp.abc import AbstractResolver

from bot.provider.destinations import CheckedAddresses, Destination
from bot.tracing import Tracer

KEEPALIVE_S = 4.0
"""Idle connections are closed after this many seconds, before common servers close them after 5 s: a create that is
sent on a connection that the server is just closing would have an unknown outcome."""

CONNECTIONS_PER_HOST = 64


def open_session(tracer: Tracer | None = None) -> aiohttp.ClientSession:
    """Open a session without cookies and without proxies or passwords from the environment.

    With a tracer, each request is a span. Must be called inside a running event loop. The caller closes the session.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit_per_host=CONNECTIONS_PER_HOST, keepalive_timeout=KEEPALIVE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "easel"},
        trust_env=False,
        trace_configs=[_spans(tracer)] if tracer else None,
    )


class DownloadSessions:
    """The sessions of all downloads, opened when they are first needed. Connections stay open for a few seconds.

    So several results from one host need only one connection, and one TLS handshake.
    """

    def __init__(self) -> None:
        self._checked = CheckedAddresses()
        self._direct: aiohttp.ClientSession | None = None
        self._proxied: aiohttp.ClientSession | None = None

    def direct(self, destination: Destination) -> aiohttp.ClientSession:
        """Return the session that connects only to checked addresses, from now on also to those of this destination."""
        self._checked.add(destination)
        if self._direct is None:
            self._direct = _download_session(self._checked)
        return self._direct

    def proxied(self) -> aiohttp.ClientSession:
        """Return the session that connects to proxies, which resolve the hosts of the files themselves."""
        if self._proxied is None:
            self._proxied = _download_session(None)
        return self._proxied

    async def close(self) -> None:
        """Close all connections."""
        for session in filter(None, (self._direct, self._proxied)):
            await session.close()


def _download_session(resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    """Open a session that decompresses nothing on its own: see `bot.provider.inflate`."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, limit=0, keepalive_timeout=KEEPALIVE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "easel", "Accept-Encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
    )


def _spans(tracer: Tracer) -> aiohttp.TraceConfig:
    """Make each request a span. The span's name has no path, because a path may contain someone's link."""

    async def begin(_session: object, request: SimpleNamespace, params: aiohttp.TraceRequestStartParams) -> None:
        request.span = tracer.span(f"{params.method} {params.url.host}")
        request.span.__enter__()

    async def end(_session: object, request: SimpleNamespace, _params: object) -> None:
        request.span.__exit__(None, None, None)

    async def fail(_session: object, request: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams) -> None:
        error = params.exception
        request.span.__exit__(type(error), error, error.__traceback__)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(begin)
    trace.on_request_end.append(end)
    trace.on_request_exception.append(fail)
    return trace
