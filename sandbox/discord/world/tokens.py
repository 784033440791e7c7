"""Makes bot tokens."""

import base64
import secrets


def new_token(bot_id: int) -> str:
    """Return a token in Discord's format, which some clients parse: the bot's id, a time, and a signature."""
    owner = base64.b64encode(str(bot_id).encode()).decode().rstrip("=")
    return f"{owner}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"
