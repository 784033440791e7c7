"""Checks a catalogue file across its fields: referenced names must exist and values must be valid."""

import re
from collections.abc import Iterator, Mapping

from bot.catalogue.model import InputKind, InputValue, Model
from bot.catalogue.order import Task
from bot.catalogue.plan import Per
from bot.catalogue.values import problem as value_problem

PROTECTED = re.compile("safe|moderat|nsfw|person_gen|watermark|api_?key|_token$|secret|webhook|user_id")
"""Parts of the names of inputs that concern safety, secrets or identities: these are never advanced."""

CatalogueFault = tuple[str, str, str]
"""A model's id (empty for the whole file), a field, and what is wrong with it."""


def problems(models: Mapping[str, Model], defaults: Mapping[Task, tuple[str, ...]]) -> Iterator[CatalogueFault]:
    """Yield every contradiction in the catalogue, model by model."""
    for model in models.values():
        for field, problem in _of_model(model):
            yield model.id, field, problem
    for task, ids in defaults.items():
        for model_id in ids:
            if model_id not in models or task not in models[model_id].tasks:
                yield "", f"defaults.{task}", f"is {model_id!r}, which is not a model for {task}"


def _of_model(model: Model) -> Iterator[tuple[str, str]]:
    yield from _unknown_names(model)
    yield from _illegal_values(model)
    yield from _doubles(model)
    yield from _unsafe_advanced(model)
    yield from _never_filled(model)
    if model.per is Per.SECOND and not _has_length(model):
        yield (
            "per",
            "is 'second', but the length is unknown: add gives.seconds, seconds_of, or `always` to the seconds input",
        )
    if model.output.main is None and model.output.shape == "object":
        yield "output.main", "is missing; it names the key of the object that holds the result"


def _named(model: Model) -> Iterator[tuple[str, tuple[str, ...]]]:
    for spec in model.inputs:
        yield f"inputs.{spec.name}.needs", spec.needs
        yield f"inputs.{spec.name}.unless", spec.unless
    for task, names in model.task_needs.items():
        yield f"needs.{task}", names
    for field in ("at_least_one", "exactly_one", "together"):
        for names in getattr(model, field):
            yield field, names
    if model.seconds_of is not None:
        yield "seconds_of", (model.seconds_of,)
    if model.sound is not None:
        yield "sound", (model.sound,)
    for size in model.sizes:
        yield "sizes", tuple(size.inputs)
    for rate in model.rates:
        yield "priced", tuple(rate.inputs)


def _unknown_names(model: Model) -> Iterator[tuple[str, str]]:
    for field, names in _named(model):
        for name in names:
            if model.input(name) is None:
                yield field, f"names {name!r}, which is not an input of this model"


def _values(model: Model) -> Iterator[tuple[str, str, InputValue]]:
    for spec in model.inputs:
        if spec.always is not None:
            yield f"inputs.{spec.name}.always", spec.name, spec.always
        if spec.default is not None and spec.choices:
            yield f"inputs.{spec.name}.default", spec.name, spec.default
    for size in model.sizes:
        for name, value in size.inputs.items():
            yield "sizes", name, value
    for rate in model.rates:
        for name, value in rate.inputs.items():
            yield "priced", name, value


def _illegal_values(model: Model) -> Iterator[tuple[str, str]]:
    for field, name, value in _values(model):
        spec = model.input(name)
        problem = value_problem(spec, value) if spec else None
        if problem:
            yield field, f"has {name} = {value!r}: {name} {problem}"


def _doubles(model: Model) -> Iterator[tuple[str, str]]:
    options = [spec.option for spec in model.inputs if spec.option]
    for option in set(options):
        if options.count(option) > 1:
            yield "inputs", f"fills two inputs from {option}"


def _unsafe_advanced(model: Model) -> Iterator[tuple[str, str]]:
    """Yield the inputs that must not be open to members but are, and those that are open without limits."""
    for spec in model.inputs:
        if not spec.advanced:
            continue
        field = f"inputs.{spec.name}.advanced"
        if spec.closed or spec.secret or PROTECTED.search(spec.name):
            yield field, "is set, but members must not set this input"
        elif spec.option or spec.roles or spec.kind in {InputKind.URI, InputKind.URIS}:
            yield field, "is set, but an option or a file fills this input"
        elif spec.kind in {InputKind.INTEGER, InputKind.NUMBER} and not spec.choices and None in spec.limits:
            yield field, "has no limits: write advanced = { min = 1, max = 100 } with limits that make sense"


def _never_filled(model: Model) -> Iterator[tuple[str, str]]:
    """Yield the required inputs that nothing fills. A model with such an input could never run."""
    of_sizes = {name for size in model.sizes for name in size.inputs}
    for spec in model.inputs:
        by_order = spec.option or spec.roles or spec.advanced or spec.name in of_sizes
        if spec.required and not by_order and not spec.secret and spec.always is None and spec.default is None:
            yield f"inputs.{spec.name}.from", "is missing, although the model requires this input"


def _has_length(model: Model) -> bool:
    measured = model.input(model.seconds_of) if model.seconds_of else None
    if measured is not None:
        return measured.accept.max_ms is not None
    asked = model.filled_by("seconds")
    return "seconds" in model.gives or (asked is not None and asked.always is not None)
