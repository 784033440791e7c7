"""The table `forgotten_guild`: the servers that had received their first credits before they were forgotten.

Only a keyed digest of each is kept, so the table does not say which servers they are.
"""

import hashlib
import hmac

from bot.storage.operation import Operation, Statement


class GuildDigests:
    """Computes the digests of guilds with a secret key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, guild: int) -> str:
        """Return the digest of a guild's id."""
        return hmac.new(self._key, str(guild).encode(), hashlib.sha256).hexdigest()


def remember(digest: str) -> Operation[None]:
    """Record that a guild that had received its first credits was forgotten."""
    yield Statement("INSERT INTO forgotten_guild (digest) VALUES ($1) ON CONFLICT (digest) DO NOTHING", digest)


def is_known(digest: str) -> Operation[bool]:
    """Return whether a guild had received its first credits before it was forgotten."""
    return bool((yield Statement("SELECT 1 FROM forgotten_guild WHERE digest = $1", digest)))
