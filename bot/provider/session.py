"""Opens the HTTP sessions for all requests to the provider."""

from types import SimpleNamespace

import aiohttp
from aiohttp.abc import AbstractResolver

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


def open_pinned_session(resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    """Open a session for one download, which connects only to the addresses that the resolver knows.

    Without one it connects to a proxy, which resolves the host itself.

    Nothing is decompressed automatically: see `bot.provider.inflate`.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "easel", "Accept-Encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
    )


def _spans(tracer: Tracer) -> aiohttp.TraceConfig:
    """Return a trace that makes a span of each request. Its name has no path: that may contain somebody's link."""

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
