"""Rules for the addresses that requests may go to: the API under its base URL, and result files on public hosts.

The provider chooses the address of a result, which may be on any https host. If the provider itself is public, the
address must not lead into a private network, neither directly nor through a redirect; otherwise a provider could make
Easel read internal services. The connection then uses the very IP addresses that were checked (`CheckedAddresses`),
because a name server could answer a second query differently.
"""

import asyncio
import ipaddress
import re
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.errors import ProviderDown, ResultUnusable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Resolves a host name and port to IP addresses. Raises OSError."""

API_PATH = re.compile(r"/v1(?:/[A-Za-z0-9_-][A-Za-z0-9._~:-]*)+")
"""The form of every API path: no segment that starts with a dot, nothing to decode, no query."""

HOSTS_MAX = 1_000
"""The number of hosts whose checked addresses are remembered. They are needed until the connection is open."""

ADDRESS_CHARS = 8_192
"""The longest address of a file; servers accept about as much."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_PRINTABLE = re.compile(r"[!-~]+")


async def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host according to the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Destination:
    """A checked address of a file, and the IP addresses to which a connection may be made for it."""

    url: URL
    addresses: tuple[str, ...]


class CheckedAddresses(AbstractResolver):
    """A resolver for the connector of downloads. It knows the hosts of checked destinations, and no others."""

    def __init__(self) -> None:
        self._of_hosts: OrderedDict[str, Sequence[str]] = OrderedDict()

    def add(self, destination: Destination) -> None:
        """Allow connections to the addresses of a destination; for its host, they replace earlier ones."""
        host = (destination.url.raw_host or "").rstrip(".")
        self._of_hosts[host] = destination.addresses
        self._of_hosts.move_to_end(host)
        if len(self._of_hosts) > HOSTS_MAX:
            self._of_hosts.popitem(last=False)

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the interface of aiohttp
    ) -> list[ResolveResult]:
        """Return the checked addresses of a host. Raises OSError if there are none."""
        if (name := host.rstrip(".")) not in self._of_hosts:
            raise OSError(f"{host} was not checked")
        return [_result(host, port, address) for address in self._of_hosts[name]]

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


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

    async def file(self, url: str, *, through_proxy: bool = False) -> Destination:
        """Check the address of a result and return it with its IP addresses.

        A proxy resolves host names itself, and this machine often cannot; then only the address as written is checked.

        Raises ResultUnusable if results may not come from there, and ProviderDown if the host cannot be resolved.
        """
        parsed = parse_address(url)
        if parsed.scheme not in self._schemes or not parsed.host or parsed.user is not None:
            raise ResultUnusable(detail="results may not come from this kind of address")
        if through_proxy:
            if not _may_be_public(parsed.host):
                raise ResultUnusable(detail="its address is in a private network")
            return Destination(parsed, ())
        base_is_private = await self._base_is_private()
        addresses = tuple(await self._addresses(parsed))
        if not base_is_private and not _all_public(addresses):
            raise ResultUnusable(detail="its address is in a private network")
        return Destination(parsed, addresses)

    async def _base_is_private(self) -> bool:
        """Return whether the provider itself is on this machine or network (a sandbox, a local gateway)."""
        if self._private is None:
            self._private = not _all_public(await self._addresses(URL(self.base)))
        return self._private

    async def _addresses(self, url: URL) -> Sequence[str]:
        host = url.raw_host or ""  # in the form in which the connector asks for it
        try:
            return await self._resolve(host, url.port or 0)
        except (OSError, UnicodeError) as error:  # UnicodeError: not a possible host name
            raise ProviderDown(detail=f"{host} has no address") from error


def parse_address(url: str) -> URL:
    """Parse an address without re-quoting it, which would break signed links. Raises ResultUnusable."""
    if len(url) > ADDRESS_CHARS:
        raise ResultUnusable(detail="its address is too long")
    try:
        return URL(url, encoded=_PRINTABLE.fullmatch(url) is not None)
    except ValueError as error:
        raise ResultUnusable(detail="its address cannot be read") from error


def _may_be_public(host: str) -> bool:
    """Return whether a host as written can be on the internet: a public address, or a name with a domain."""
    try:
        return _is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").endswith((".localhost", ".local", ".internal"))


def _all_public(addresses: Sequence[str]) -> bool:
    return bool(addresses) and all(_is_public(address) for address in addresses)


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if not parsed.is_global or parsed.is_multicast:
        return False
    inner = _embedded(parsed) if isinstance(parsed, ipaddress.IPv6Address) else None
    return inner is None or inner.is_global


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address to which a gateway would forward this one: 6to4, Teredo, NAT64."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
