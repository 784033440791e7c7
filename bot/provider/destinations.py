"""Where requests may go: the API below its base URL, and result files on public hosts.

A result's address is the provider's word. It may be any https host, but where the provider itself is public it may not
be a machine of ours: neither directly nor through a redirect. (The name is looked up here and again by the connection;
a name server that answers differently the second time is not defended against.)
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence

from yarl import URL

from bot.errors import ProviderDown, ResultUnusable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks up a host name and port; gives IP addresses, raises OSError."""

API_PATH = re.compile(r"/v1(?:/[A-Za-z0-9_-][A-Za-z0-9._~:-]*)+")
"""Every path of the API that is asked for: no dots in front, nothing to decode, no query."""


_PRINTABLE = re.compile(r"[!-~]+")


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Destinations:
    """The rules for one provider. `base_url` is the API's address without `/v1`; with it, it means the same."""

    def __init__(self, base_url: str, resolve: Resolve = look_up) -> None:
        self.base = base_url.rstrip("/").removesuffix("/v1")
        self._resolve = resolve
        self._schemes = {"https"} if self.base.startswith("https://") else {"http", "https"}
        self._private: bool | None = None

    def api(self, path: str) -> str:
        """The URL of a path of the API (`/v1/…`). Raises ValueError for a path that could lead elsewhere."""
        if not API_PATH.fullmatch(path):
            raise ValueError(f"not a path of the provider's API: {path!r}")
        return self.base + path

    async def file(self, url: str) -> URL:
        """The address of a result, checked: what is returned is what may be asked for.

        Raises ResultUnusable for one that a result may not come from, ProviderDown where its host has no address.
        """
        parsed = parse_address(url)
        if parsed.scheme not in self._schemes or not parsed.host or parsed.user is not None:
            raise ResultUnusable(detail="its address is not one that results may come from")
        if not await self._base_is_private() and not _all_public(await self._addresses(parsed)):
            raise ResultUnusable(detail="its address points into a private network")
        return parsed

    async def _base_is_private(self) -> bool:
        """Whether the provider itself is on this machine or network (a sandbox, a gateway next door)."""
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
    """Read an address as it stands: signed ones must not be re-quoted. Raises ResultUnusable."""
    try:
        return URL(url, encoded=_PRINTABLE.fullmatch(url) is not None)
    except ValueError as error:
        raise ResultUnusable(detail="its address cannot be read") from error


def _all_public(addresses: Sequence[str]) -> bool:
    return bool(addresses) and all(_is_public(address) for address in addresses)


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return parsed.is_global and not parsed.is_multicast
