"""The proxy for an address, from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` as other programs read them.

aiohttp can read them too (`trust_env`), but then it also reads passwords from ~/.netrc, which are not meant for Easel.
"""

import contextlib
import ipaddress
import os
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from bot.environment import as_meant
from bot.errors import SettingsError

PLAIN = {"wss": "https", "ws": "http"}
PORTS = {"https": 443, "http": 80}
VARIABLES = (
    *(write(f"{name}_proxy") for name in ("https", "http", "all", "no") for write in (str.lower, str.upper)),
    "REQUEST_METHOD",
)
"""The variables that matter. If the last one is set, HTTP_PROXY may come from a request, and is ignored."""


def proxy_for(url: str) -> str | None:
    """Return the proxy through which to reach an address; None for a direct connection. Raises SettingsError.

    This machine itself is never reached through a proxy.
    """
    try:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port
    except ValueError:  # no connection is made to such an address
        return None
    proxies = _proxies()
    scheme = PLAIN.get(address.scheme, address.scheme)
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or is_this_machine(host) or _is_excepted(host, port or PORTS.get(scheme, 0), proxies):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        raise SettingsError(
            name=f"{scheme.upper()}_PROXY",
            problem=f"is a {proxy.partition(':')[0]} proxy, which is not supported",
            fix="Use an http:// proxy, or list the host in NO_PROXY",
        )
    return proxy


def _proxies() -> Mapping[str, str]:
    """Return the proxy of each scheme, and under `no` the exceptions, without the quotes of an --env-file."""
    return _read(tuple(map(os.environ.get, VARIABLES)))


@lru_cache(maxsize=1)
def _read(values: tuple[str | None, ...]) -> Mapping[str, str]:
    """Read the environment, which is done again only if one of these variables has changed."""
    del values  # getproxies_environment looks at every variable there is, which takes longer than a small request
    named = {f"{name}_proxy": value for name, value in getproxies_environment().items()}
    return {name.removesuffix("_proxy"): value for name, value in as_meant(named).items() if value}


def _is_excepted(host: str, port: int, proxies: Mapping[str, str]) -> bool:
    """Return whether NO_PROXY lists a host: by name, by a parent domain, with its port, or by its network."""
    names = {host, f"{host}:{port}"}
    for entry in proxies.get("no", "").split(","):
        name = entry.strip().lower().lstrip(".")
        if name == "*" or (name and any(one == name or one.endswith(f".{name}") for one in names)):
            return True
        with contextlib.suppress(ValueError):
            # Networks such as 10.0.0.0/8 work as in curl. A name is not an address: its ValueError is ignored.
            if ipaddress.ip_address(host) in ipaddress.ip_network(name.strip("[]"), strict=False):
                return True
    return False


def is_this_machine(host: str) -> bool:
    """Return whether a host name or address is the loopback interface."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
