"""Translates an order's options to a model's inputs.

Options that the member did not set are left out. An option that the model does not support is refused, never ignored.
"""

import re
from collections.abc import Mapping

from bot.catalogue.advanced import inputs_from
from bot.catalogue.file_rules import placed
from bot.catalogue.model import MEDIA, Input, InputValue, Model, Size
from bot.catalogue.order import Order
from bot.catalogue.refusals import RefusalReason, invalid, listed
from bot.catalogue.values import problem
from bot.errors import InvalidOrder
from bot.visible_text import is_blank

OPTIONS = (
    "prompt", "prompt_end", "negative", "aspect", "seed", "seconds", "resolution", "strength", "format", "style",
    "background", "what", "text", "voice", "lora",
)  # fmt: skip
"""The options that fill inputs directly; `count` is spread over requests, and files are assigned separately."""

SUBJECTS = ("prompt", "what")
"""Options that an order must set even if the schema has a default (`person,car`), because nobody wants that default."""

BACKGROUND = re.compile(r"transparent|#[0-9a-fA-F]{6}")


def inputs_of(model: Model, order: Order, *, measured_ms: int | None = None) -> dict[str, object]:
    """Return the inputs that an order fills. Raises InvalidOrder and UnusableFile."""
    if order.task not in model.tasks:
        raise invalid(model.id, "task", "task", listed(model.tasks), order.task)
    if not 1 <= order.count <= model.max_count:
        raise invalid(model.id, "count", "takes-range", f"1 to {model.max_count}" if model.max_count > 1 else "1")
    asked = {option: value for option in OPTIONS if (value := _option(order, option)) is not None}
    advanced = inputs_from(model, order.advanced or ())
    inputs = advanced | _from_options(model, asked) | placed(model, order, measured_ms=measured_ms)
    _check_combinations(model, asked, inputs)
    _check_needs(model, order, inputs)
    return inputs


def _option(order: Order, option: str) -> InputValue | None:
    value: InputValue | None = getattr(order, option)
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    if is_blank(value):  # looks empty to its writer, but the provider would run and charge for it
        raise invalid(order.model, option, "blank")
    return value


def _from_options(model: Model, asked: Mapping[str, InputValue]) -> dict[str, object]:
    inputs: dict[str, object] = {}
    if model.sizes and asked.keys() & {"aspect", "resolution"}:
        inputs |= _size(model, asked).inputs
    for option, value in asked.items():
        spec = model.filled_by(option)
        if spec is not None:
            inputs[spec.name] = _translated(model, spec, option, value)
        elif not _is_given(model, option, value):
            raise _unsupported(model, option)
    return inputs


def _translated(model: Model, spec: Input, option: str, value: InputValue) -> InputValue:
    if option == "lora":
        return _lora(model, str(value))
    word = spec.words.get(value, value) if isinstance(value, str) else value
    wrong = RefusalReason("takes", listed(spec.offered)) if word in spec.hidden else problem(spec, word)
    if option == "seed" and isinstance(word, int) and (word < 0 or word == spec.random):
        wrong = RefusalReason("seed", "1" if spec.random == 0 else "0")
    if wrong is not None:
        raise invalid(model.id, option, wrong)
    return word


def _lora(model: Model, name: str) -> str:
    if name in model.loras:
        return model.loras[name]
    raise invalid(model.id, "lora", "takes" if model.loras else "not-taken-at-all", listed(tuple(model.loras)))


def _is_given(model: Model, option: str, value: InputValue) -> bool:
    """Return whether the result will have this value although the model has no input for the option."""
    if option == "background" and option in model.after:
        return BACKGROUND.fullmatch(str(value)) is not None
    if option == "format":
        return MEDIA.get(str(value)) == model.media
    if option in {"aspect", "resolution"} and model.sizes:
        return option == "aspect" or any(size.resolution for size in model.sizes)
    return option in model.gives and model.gives[option] == value


def _unsupported(model: Model, option: str) -> InvalidOrder:
    if option == "background" and option in model.after:
        return invalid(model.id, option, "takes-colour")
    if option == "format":
        own = next((name for name, media in MEDIA.items() if media == model.media), model.media)
        return invalid(model.id, option, "fixed", own)
    if option in model.gives:
        return invalid(model.id, option, "fixed", model.gives[option])
    takes = tuple(name for name in OPTIONS if model.filled_by(name) or name in model.after)
    return invalid(model.id, option, "not-taken" if takes else "not-taken-at-all", listed(takes))


def _size(model: Model, asked: Mapping[str, InputValue]) -> Size:
    """Return the first size that matches the requested aspect ratio and resolution; either may be unset."""
    aspect, resolution = asked.get("aspect"), asked.get("resolution")
    for size in model.sizes:
        if aspect in {None, size.aspect} and resolution in {None, size.resolution}:
            return size
    if aspect is not None and aspect not in model.aspects:
        raise invalid(model.id, "aspect", "takes", listed(model.aspects))
    if not model.resolutions:
        raise _unsupported(model, "resolution")
    raise invalid(model.id, "resolution", "takes", listed(model.resolutions))


def _check_combinations(model: Model, asked: Mapping[str, InputValue], inputs: Mapping[str, object]) -> None:
    """Refuse an option that has no effect without, or together with, another one."""
    for spec in model.inputs:
        if spec.name not in inputs or (spec.option is not None and spec.option not in asked):
            continue
        for name in spec.needs:
            if name not in inputs:
                raise invalid(model.id, spec.called, "needs", model.called(name))
        for name in spec.unless:
            if name in inputs:
                raise invalid(model.id, spec.called, "unless", model.called(name))


def _check_needs(model: Model, order: Order, inputs: Mapping[str, object]) -> None:
    for option in SUBJECTS:
        spec = model.filled_by(option)
        if spec is not None and spec.name not in inputs:
            raise invalid(model.id, option, "needed")
    for name in model.task_needs.get(order.task, ()):
        spec = model.input(name)
        replaced = spec is not None and any(other in inputs for other in spec.unless)
        if name not in inputs and not replaced:
            raise invalid(model.id, model.called(name), "needed-for", order.task)
