"""The proxy for an address, from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` as other programs read them.

aiohttp can read them too (`trust_env`), but then it also takes passwords from ~/.netrc, which are not meant for us.
"""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.errors import SettingsError

PLAIN = {"wss": "https", "ws": "http"}


def proxy_for(url: str) -> str | None:
    """Return the proxy through which to reach an address; None for a direct connection. Raises SettingsError.

    This machine itself is never reached through a proxy.
    """
    try:
        address = urlsplit(url)
        host = address.hostname or ""
    except ValueError:  # no connection is made to such an address
        return None
    proxies = getproxies()
    scheme = PLAIN.get(address.scheme, address.scheme)
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or is_this_machine(host) or proxy_bypass(host):
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


def is_this_machine(host: str) -> bool:
    """Return whether a host name or address is the loopback interface."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
