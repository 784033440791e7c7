"""A model's inputs, wherever they came from: made complete, and held against what the model takes."""

from collections.abc import Callable, Iterable, Mapping

from bot.catalogue.model import Input, Model
from bot.catalogue.plan import SecretSlot
from bot.catalogue.refusals import invalid, listed
from bot.catalogue.values import problem

MOST_REQUESTED = 10
"""How many pictures one quote of the command line may ask for: as many as one message of Discord can hold."""


Called = Callable[[str], str]


def complete(model: Model, inputs: Mapping[str, object], called: Called = str) -> dict[str, object]:
    """The inputs with what is always sent, in the model's own order.

    Always sent is what the price or the size hangs on: a default that a vendor changes must not change the bill.
    Raises InvalidOrder unless they are what the schema takes, and what a run needs besides; it names an input as
    `called` says (by its own name, or as members do).
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
    """How many pictures a model's own inputs ask for: by the model's count field or by `count`.

    Raises InvalidOrder, also for secrets: those come from the settings alone.
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
