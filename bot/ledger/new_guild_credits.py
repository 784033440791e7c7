"""The credits that a server begins with when it adds the bot (NEW_GUILD_CREDITS)."""

from bot.ledger import keys
from bot.ledger.accounts import Ledger


async def mint_new_guild_credits(ledger: Ledger, guild: int, amount: int, *, at_ms: int) -> None:
    """Mint a new guild's first credits into its pool, unless the amount is 0 or they were minted before.

    Raises KeyConflict if the guild was given another amount before.
    """
    # The key contains only the guild: removing and adding the bot again must not mint again.
    if amount:
        await ledger.mint(guild, amount, key=keys.new_guild(guild), actor=0, reason="a new guild", at_ms=at_ms)
