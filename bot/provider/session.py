"""The one HTTP session that everything towards the provider goes through."""

import aiohttp

KEEPALIVE_S = 4.0
"""Idle connections are closed by us first: common servers drop them after 5 s, and a create that meets a connection
which is just being dropped has an unknown outcome."""

CONNECTIONS_PER_HOST = 64


def open_session() -> aiohttp.ClientSession:
    """A session made for the provider: no cookies, no proxies or passwords from the environment. Close it at the end.

    Call it inside a running event loop.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit_per_host=CONNECTIONS_PER_HOST, keepalive_timeout=KEEPALIVE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "easel"},
        trust_env=False,
    )
