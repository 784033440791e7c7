"""How long an interaction's token works, and how close to its end Easel still relies on it."""

LIFE_MS = 15 * 60_000
"""Discord: tokens are valid for 15 minutes.
https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback
"""

MARGIN_MS = 60_000
"""Kept free for the call itself and the upload, which may take a while."""

USABLE_MS = LIFE_MS - MARGIN_MS
"""The age, in Discord's time, up to which a token is used. After a restart this prevents a storm of 401 answers."""

PROMISED_MINUTES = 12
"""What members are told: a result within this time surely arrives by the token, retries included."""


def is_usable(token: str, age_ms: int) -> bool:
    """Tell whether a token of this age may still be used; an empty one never."""
    return bool(token) and age_ms <= USABLE_MS
