from types import SimpleNamespace
from typing import Any

import pytest

from bot.chat.discord.credit_option import Credits
from bot.errors import InvalidOrder

INTERACTION: Any = SimpleNamespace(command=SimpleNamespace(qualified_name="easel-admin credits grant"))


async def converted(value):
    return await Credits().transform(INTERACTION, value)


@pytest.mark.parametrize(
    "value", [-50, -0.001, 0, 0.0, float("inf"), float("-inf"), float("nan"), 1e18, 1_000_000_001, "much", None]
)
async def test_amount_out_of_range_is_refused(value):
    with pytest.raises(InvalidOrder) as refused:
        await converted(value)
    assert refused.value.facts["takes"] == "0.001 to 1,000,000,000"


@pytest.mark.parametrize(("value", "expected"), [(0.001, 1), (13.75, 13_750), (5, 5_000), (1e9, 10**12), ("7", 7_000)])
async def test_amount_is_converted_to_milli_credits(value, expected):
    assert await converted(value) == expected


async def test_amount_with_too_many_decimals_is_refused():
    with pytest.raises(InvalidOrder) as refused:
        await converted(0.0015)
    assert refused.value.facts["reason"] == "too-fine"
