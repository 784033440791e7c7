"""Signed links to files in our own store, for those who cannot take them from Discord: a provider, or a browser.

A link names one file and the moment until which it works, and carries an HMAC-SHA256 over both. So nothing can be
listed, guessed or kept alive, and no table has to remember who was given what.
"""

import hashlib
import hmac
import re
from pathlib import Path
from urllib.parse import quote

from bot.clock import Clock

ROUTE = "/files/"
"""Where files lie below `PUBLIC_URL`."""

_MOMENT = re.compile(r"[0-9a-f]{1,12}")


class SignedLinks:
    """Makes and judges links. `base` is the address by which the world reaches us; `key` is used for nothing else."""

    def __init__(self, base: str, key: bytes, clock: Clock) -> None:
        self._base = base.rstrip("/")
        self._key = key
        self._clock = clock

    def to(self, path: Path | str, *, life_s: int) -> str:
        """Link a file of the store, by its path there, for so many seconds from now."""
        name = Path(path).as_posix()
        expires = f"{self._clock.now_ms() // 1_000 + life_s:x}"
        return f"{self._base}{ROUTE}{quote(name)}?ex={expires}&hm={self._sign(name, expires)}"

    def opens(self, name: str, expires: str, signature: str) -> bool:
        """Tell whether we made this link and it has not run out. The signature is compared in constant time."""
        if not hmac.compare_digest(self._sign(name, expires).encode(), signature.encode()):
            return False
        return _MOMENT.fullmatch(expires) is not None and self._clock.now_ms() < int(expires, 16) * 1_000

    def _sign(self, name: str, expires: str) -> str:
        return hmac.new(self._key, f"{expires}\n{name}".encode(), hashlib.sha256).hexdigest()
