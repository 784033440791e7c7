from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.money import milli, show


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0"), (75_000, "75"), (13_750, "13.75"), (1_925_000, "1,925"), (1, "0.001"), (-1_500, "-1.5")],
)
def test_amounts_are_shown_in_credits_with_decimals_only_if_needed(amount, text):
    assert show(amount) == text


def test_fraction_of_a_milli_credit_is_refused():
    with pytest.raises(ValueError, match="whole"):
        milli(Decimal("0.0001"))


@given(st.integers(-(10**15), 10**15))
def test_shown_amount_parses_back_to_the_same_amount(amount):
    assert milli(Decimal(show(amount).replace(",", ""))) == amount
