"""A server is given its first credits once, however often it adds the bot."""

import pytest

from bot.errors import KeyConflict
from bot.ledger.new_guild_credits import mint_new_guild_credits

GUILD = 77


async def given(ledger):
    return (await ledger.pool(GUILD)).available_mcr


async def test_new_guild_gets_its_credits_once(ledger):
    for at_ms in (1, 2):
        await mint_new_guild_credits(ledger, GUILD, 5_000, at_ms=at_ms)
    assert await given(ledger) == 5_000


async def test_guild_keeps_its_first_credits_when_the_amount_changes(ledger):
    await mint_new_guild_credits(ledger, GUILD, 5_000, at_ms=1)
    with pytest.raises(KeyConflict):
        await mint_new_guild_credits(ledger, GUILD, 9_000, at_ms=2)
    assert await given(ledger) == 5_000


async def test_no_credits_are_minted_if_none_are_set(ledger):
    await mint_new_guild_credits(ledger, GUILD, 0, at_ms=1)
    assert await given(ledger) == 0
