"""The lifetime of an interaction token, and the part of it that Easel relies on."""

LIFE_MS = 15 * 60_000
"""Discord: tokens are valid for 15 minutes.
https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback
"""

MARGIN_MS = 60_000
"""Reserved for the call itself and its upload, which may take a while."""

USABLE_MS = LIFE_MS - MARGIN_MS
"""The age, in Discord's time, up to which a token is used. After a restart this prevents a storm of 401 answers."""

PROMISED_MINUTES = 12
"""The time promised to members: a result that is ready within it can be delivered with the token, even with retries."""


def is_usable(token: str, age_ms: int) -> bool:
    """Return whether a token of this age may still be used; an empty token never may."""
    return bool(token) and age_ms <= USABLE_MS
