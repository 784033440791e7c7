from typing import Any

import discord
import pytest
import pytest_asyncio

from bot.chat.discord.credit_option import Credits
from bot.errors import InvalidOrder
from tests.unit.chat.tree import whole_tree

PAYLOAD: Any = {
    "id": "3",
    "application_id": "4",
    "type": discord.InteractionType.application_command.value,
    "token": "t",
    "version": 1,
    "attachment_size_limit": 10_485_760,
    "entitlements": [],
    "user": {"id": "1", "username": "mira", "discriminator": "0", "avatar": None, "global_name": None},
}


def command(value):
    """Return the data of `/easel-admin credits grant` with this amount, which Discord may have sent unchecked."""
    amount = {"type": discord.AppCommandOptionType.number.value, "name": "amount", "value": value}
    grant = {"type": discord.AppCommandOptionType.subcommand.value, "name": "grant", "options": [amount]}
    group = {"type": discord.AppCommandOptionType.subcommand_group.value, "name": "credits", "options": [grant]}
    return {"id": "9", "type": discord.AppCommandType.chat_input.value, "name": "easel-admin", "options": [group]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client():
    """Return a client that has every command."""
    return (await whole_tree()).client


async def converted(client, value):
    interaction = discord.Interaction(data=PAYLOAD | {"data": command(value)}, state=client._connection)
    return await Credits().transform(interaction, value)


@pytest.mark.parametrize(
    "value", [-50, -0.001, 0, 0.0, float("inf"), float("-inf"), float("nan"), 1e18, 1_000_000_001, "much", None]
)
async def test_amount_out_of_range_is_refused(client, value):
    with pytest.raises(InvalidOrder) as refused:
        await converted(client, value)
    assert refused.value.facts["takes"] == "0.001 to 1,000,000,000"
    assert refused.value.facts["model"] == "/easel-admin credits grant"


@pytest.mark.parametrize(("value", "expected"), [(0.001, 1), (13.75, 13_750), (5, 5_000), (1e9, 10**12), ("7", 7_000)])
async def test_amount_is_converted_to_milli_credits(client, value, expected):
    assert await converted(client, value) == expected


async def test_amount_with_too_many_decimals_is_refused(client):
    with pytest.raises(InvalidOrder) as refused:
        await converted(client, 0.0015)
    assert refused.value.facts["reason"] == "too-fine"
