"""Rules for the addresses that requests may go to: the API below its base URL, and result files on public hosts.

The provider chooses the address of a result, which may be on any https host. If the provider itself is public, the
address must not lead into a private network, neither directly nor through a redirect; otherwise a provider could make
Easel read internal services. (The connection resolves the name a second time; a name server that then answers
differently is not defended against.)
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence

from yarl import URL

from bot.errors import ProviderDown, ResultUnusable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Resolves a host name and port to IP addresses. Raises OSError."""

API_PATH = re.compile(r"/v1(?:/[A-Za-z0-9_-][A-Za-z0-9._~:-]*)+")
"""The form of every API path: no segment that starts with a dot, nothing to decode, no query."""


_PRINTABLE = re.compile(r"[!-~]+")


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host according to the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Destinations:
    """The address rules for one provider. `base_url` is the API's address, with or without `/v1` at the end."""

    def __init__(self, base_url: str, resolve: Resolve = look_up) -> None:
        self.base = base_url.rstrip("/").removesuffix("/v1")
        self._resolve = resolve
        self._schemes = {"https"} if self.base.startswith("https://") else {"http", "https"}
        self._private: bool | None = None

    def api(self, path: str) -> str:
        """Return the URL of an API path (`/v1/…`). Raises ValueError for a path that could leave the API."""
        if not API_PATH.fullmatch(path):
            raise ValueError(f"not a path of the provider's API: {path!r}")
        return self.base + path

    async def file(self, url: str) -> URL:
        """Check the address of a result and return it parsed.

        Raises ResultUnusable if results may not come from there, and ProviderDown if the host cannot be resolved.
        """
        parsed = parse_address(url)
        if parsed.scheme not in self._schemes or not parsed.host or parsed.user is not None:
            raise ResultUnusable(detail="results may not come from this kind of address")
        if not await self._base_is_private() and not _all_public(await self._addresses(parsed)):
            raise ResultUnusable(detail="its address is in a private network")
        return parsed

    async def _base_is_private(self) -> bool:
        """Tell whether the provider itself is on this machine or network (a sandbox, a local gateway)."""
        if self._private is None:
            self._private = not _all_public(await self._addresses(URL(self.base)))
        return self._private

    async def _addresses(self, url: URL) -> Sequence[str]:
        host = url.host or ""
        try:
            return await self._resolve(host, url.port or 0)
        except OSError as error:
            raise ProviderDown(detail=f"{host} has no address") from error


def parse_address(url: str) -> URL:
    """Parse an address without re-quoting it, which would break signed links. Raises ResultUnusable."""
    try:
        return URL(url, encoded=_PRINTABLE.fullmatch(url) is not None)
    except ValueError as error:
        raise ResultUnusable(detail="its address cannot be read") from error


def _all_public(addresses: Sequence[str]) -> bool:
    return bool(addresses) and all(_is_public(address) for address in addresses)


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return parsed.is_global and not parsed.is_multicast
