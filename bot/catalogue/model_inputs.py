"""Completes and validates a model's inputs, whether they come from an order or from the command line."""

from collections.abc import Callable, Iterable, Mapping

from bot.catalogue.model import Input, Model
from bot.catalogue.plan import SecretSlot
from bot.catalogue.refusals import invalid, listed
from bot.catalogue.values import problem

MOST_REQUESTED = 10
"""The most pictures in one command-line quote: as many files as one Discord message can carry."""


Called = Callable[[str], str]


def complete(model: Model, inputs: Mapping[str, object], called: Called = str) -> dict[str, object]:
    """Add the inputs that are always sent, and return all of them in the model's own order.

    Inputs that determine the price or the size are always sent, so that a vendor who changes a default cannot change
    the bill. Raises InvalidOrder if a value does not fit the schema or a required input is missing; `called` gives
    the name of an input in the error (its own name, or the one members know).
    """
    for name in inputs:
        if model.input(name) is None:
            raise invalid(model.id, name, "unknown-input", listed(model.public))
    filled = {spec.name: value for spec in model.inputs if (value := _filled(spec, inputs)) is not None}
    for name, value in filled.items():
        _check_value(model, name, value)
    _check_needed(model, filled, called)
    _check_groups(model, filled, called)
    return filled


def pictures(model: Model, inputs: Mapping[str, object], count: int) -> int:
    """Return how many pictures a model's own inputs ask for, according to its count input or to `count`.

    Raises InvalidOrder, also if a secret was passed: secrets come from the settings only.
    """
    for spec in model.inputs:
        if spec.secret and spec.name in inputs:
            raise invalid(model.id, spec.name, "secret", spec.name.upper())
    spec = model.filled_by("count")
    if spec is not None and spec.name in inputs:
        own = inputs[spec.name]
        _check_value(model, spec.name, own)
        if count not in {1, own}:
            raise invalid(model.id, spec.name, "count-twice", count, own)
        return int(str(own))
    if not 1 <= count <= MOST_REQUESTED:
        raise invalid(model.id, "count", "takes-range", f"1 to {MOST_REQUESTED}")
    return count


def _filled(spec: Input, inputs: Mapping[str, object]) -> object:
    return SecretSlot(spec.name) if spec.secret else inputs.get(spec.name, spec.always)


def _check_value(model: Model, name: str, value: object) -> None:
    spec = model.input(name)
    wrong = problem(spec, value) if spec else None
    if wrong is not None:
        raise invalid(model.id, name, wrong)


def _check_needed(model: Model, inputs: Mapping[str, object], called: Called) -> None:
    for spec in model.inputs:
        if spec.required and spec.name not in inputs:
            raise invalid(model.id, called(spec.name), "needed")
    for names in model.at_least_one:
        if not _given(names, inputs):
            first, *others = map(called, names)
            raise invalid(model.id, first, "needed-or" if others else "needed", listed(tuple(others)))


def _check_groups(model: Model, inputs: Mapping[str, object], called: Called) -> None:
    for names in model.exactly_one:
        if _given(names, inputs) != 1:
            raise invalid(model.id, called(names[0]), "exactly-one", listed(tuple(map(called, names))))
    for names in model.together:
        if 0 < _given(names, inputs) < len(names):
            first, *others = map(called, names)
            raise invalid(model.id, first, "together", listed(tuple(others)))


def _given(names: Iterable[str], inputs: Mapping[str, object]) -> int:
    return sum(name in inputs for name in names)
