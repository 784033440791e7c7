"""Opens the HTTP sessions for all requests to the provider."""

import aiohttp
from aiohttp.abc import AbstractResolver

KEEPALIVE_S = 4.0
"""Idle connections are closed after this many seconds, before common servers close them after 5 s: a create that is
sent on a connection that the server is just closing would have an unknown outcome."""

CONNECTIONS_PER_HOST = 64


def open_session() -> aiohttp.ClientSession:
    """Open a session without cookies and without proxies or passwords from the environment.

    Must be called inside a running event loop. The caller closes the session.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit_per_host=CONNECTIONS_PER_HOST, keepalive_timeout=KEEPALIVE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "easel"},
        trust_env=False,
    )


def open_pinned_session(resolver: AbstractResolver) -> aiohttp.ClientSession:
    """Open a session for one download, which connects only to the addresses that the resolver knows.

    Nothing is decompressed automatically: see `bot.provider.inflate`.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "easel", "Accept-Encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
    )
