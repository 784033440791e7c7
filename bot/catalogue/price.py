"""Computes exact prices in fractions, rounded up once for a whole order."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil

from bot.catalogue.model import Model
from bot.catalogue.plan import Per, Plan, Quote
from bot.errors import Unpriced

MS_PER_SECOND = 1000


def quote(model: Model, inputs: Mapping[str, object], results: int, measured_ms: int | None = None) -> Quote:
    """Return the price of `results` results with these inputs.

    `measured_ms` is the length of the input file that is billed; if it is unknown, the quote uses the maximum length
    as an upper bound. Raises Unpriced for a combination that is not in the price list.
    """
    unit = model.unit(_rate(model, inputs))
    length, known = _length(model, inputs, measured_ms) if model.per is Per.SECOND else (Fraction(1), True)
    units = length * results
    return Quote(ceil(unit * units), model.per, unit, units, upper_bound=not known)


def charge(plan: Plan, *, delivered: int, measured_ms: int | None = None) -> int:
    """Return what to capture, in milli-credits, for `delivered` good results: at most the quote; 0 only for no results.

    `measured_ms` is the length that was measured after an upper-bound quote; it is ignored for an exact quote.
    """
    good = min(delivered, plan.outputs)
    if good <= 0:
        return 0
    # Some results may be missing (a safety filter dropped them), so the price is per result and rounded up once.
    each = plan.quote.units / plan.outputs
    if plan.quote.upper_bound and measured_ms is not None:
        each = Fraction(max(measured_ms, 1), MS_PER_SECOND)
    return min(ceil(plan.quote.unit_mcr * each * good), plan.quote.milli_credits)


def cheapest(model: Model) -> int:
    """Return the price of the model's cheapest valid order, in milli-credits."""
    units = [model.unit(rate.usd) for rate in model.rates] or [model.unit()]
    return ceil(min(units) * min(_lengths(model)))


def unit_price(model: Model) -> int:
    """Return the price of one unit in whole milli-credits, with the margin, rounded up."""
    return ceil(model.unit())


def _rate(model: Model, inputs: Mapping[str, object]) -> Fraction | None:
    if not model.rates:
        return None
    asked = {name: _effective(model, name, inputs) for name in _priced_names(model)}
    for rate in model.rates:
        if all(asked[name] == value for name, value in rate.inputs.items()):
            return rate.usd
    priced = "; ".join(_combination(rate.inputs) for rate in model.rates)
    raise Unpriced(model=model.id, combination=_combination(asked), priced=priced)


def _priced_names(model: Model) -> Iterator[str]:
    return iter(dict.fromkeys(name for rate in model.rates for name in rate.inputs))


def _effective(model: Model, name: str, inputs: Mapping[str, object]) -> object:
    spec = model.input(name)
    return inputs.get(name, spec.default if spec else None)


def _combination(inputs: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {str(value).lower()}" for name, value in inputs.items())


def _length(model: Model, inputs: Mapping[str, object], measured_ms: int | None) -> tuple[Fraction, bool]:
    """Return the billed length of one result in seconds, and whether it is exact rather than an upper bound."""
    if model.seconds_of is not None:
        spec = model.input(model.seconds_of)
        longest_ms = spec.accept.max_ms if spec else None
        return Fraction(measured_ms or longest_ms or 0, MS_PER_SECOND), measured_ms is not None
    spec = model.filled_by("seconds")
    seconds = inputs[spec.name] if spec else model.gives["seconds"]
    return Fraction(str(seconds)), True


def _lengths(model: Model) -> tuple[Fraction, ...]:
    if model.per is not Per.SECOND:
        return (Fraction(1),)
    spec = model.input(model.seconds_of) if model.seconds_of else None
    if spec is not None:
        return (Fraction(spec.accept.min_ms or 1, MS_PER_SECOND),)
    return tuple(Fraction(seconds) for seconds in model.seconds_choices)
