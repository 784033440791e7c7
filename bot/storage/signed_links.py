"""Signed links to files in Easel's own store, for a provider or a browser that cannot get them from Discord.

A link names one file and its expiry time, and carries an HMAC-SHA256 of both. So links cannot be listed, guessed or
extended, and no table of issued links is needed.
"""

import hashlib
import hmac
import re
from pathlib import Path
from urllib.parse import quote

from bot.clock import Clock

ROUTE = "/files/"
"""The path of the files under `PUBLIC_URL`."""

_MOMENT = re.compile(r"[0-9a-f]{1,12}")


class SignedLinks:
    """Creates and checks links. `base` is Easel's address on the internet; `key` is not used for anything else."""

    def __init__(self, base: str, key: bytes, clock: Clock) -> None:
        self._base = base.rstrip("/")
        self._key = key
        self._clock = clock

    def to(self, path: Path | str, *, life_s: int) -> str:
        """Return a link, valid for `life_s` seconds, to the stored file with this path."""
        name = Path(path).as_posix()
        expires = f"{self._clock.now_ms() // 1_000 + life_s:x}"
        return f"{self._base}{ROUTE}{quote(name)}?ex={expires}&hm={self._sign(name, expires)}"

    def opens(self, name: str, expires: str, signature: str) -> bool:
        """Return whether Easel created this link and it has not expired."""
        # Compared in constant time, so that the time taken reveals nothing about the right signature.
        if not hmac.compare_digest(self._sign(name, expires).encode(), signature.encode()):
            return False
        return _MOMENT.fullmatch(expires) is not None and self._clock.now_ms() < int(expires, 16) * 1_000

    def _sign(self, name: str, expires: str) -> str:
        return hmac.new(self._key, f"{expires}\n{name}".encode(), hashlib.sha256).hexdigest()
