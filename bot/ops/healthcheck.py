"""The container's health check, `python -m bot.ops.healthcheck`: asks `/healthz` at the configured host and port."""

import ipaddress
import sys
import urllib.request

from bot.errors import EaselError
from bot.settings import Settings, load

TIMEOUT_S = 4.0


def address(settings: Settings) -> str:
    """Return the URL of `/healthz` as this machine reaches it: a server on all interfaces is reached over loopback."""
    host = settings.http_host.strip("[]")
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{settings.http_port}/healthz"
    if parsed.is_unspecified:
        parsed = ipaddress.ip_address("::1" if parsed.version == 6 else "127.0.0.1")  # noqa: PLR2004 - IPv6
    shown = f"[{parsed}]" if ":" in str(parsed) else str(parsed)
    return f"http://{shown}:{settings.http_port}/healthz"


def main() -> int:
    """Return 0 if the bot is alive, or if its server is turned off."""
    try:
        settings = load()
        if settings.http_port == 0:
            return 0
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address(settings), timeout=TIMEOUT_S):
            return 0
    except (EaselError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
