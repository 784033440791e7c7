"""Converts between credits, milli-credits and the amounts that people see.

1 USD of list price is 25,000 credits (the provider's own exchange rate). Amounts are stored and computed in whole
milli-credits, because some list prices are not whole credits; people see credits. Prices are rounded in
`bot/catalogue/price.py`.
"""

from decimal import Decimal

MILLI_PER_CREDIT = 1_000
CREDITS_PER_USD = 25_000


def milli(amount: int | Decimal) -> int:
    """Convert credits to milli-credits.

    Raises ValueError if the result is not a whole number.
    """
    exact = Decimal(amount) * MILLI_PER_CREDIT
    if exact != exact.to_integral_value():
        raise ValueError(f"{amount} credits is not a whole number of milli-credits")
    return int(exact)


def show(milli_credits: int) -> str:
    """Format milli-credits as credits for people: 1,925 or 13.75, never 75.000."""
    sign = "-" if milli_credits < 0 else ""
    whole, rest = divmod(abs(milli_credits), MILLI_PER_CREDIT)
    decimals = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{sign}{whole:,}{decimals}"
