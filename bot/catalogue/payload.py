"""From an order, or from a model's own inputs, to the exact requests.

Pure: the same order gives the same bodies. What the member did not say is left out, except where the price or the
size hangs on it. What the member said and the model cannot do is refused, never dropped.
"""

import re
from collections.abc import Iterable, Mapping

from bot.catalogue.files import placed
from bot.catalogue.model import MEDIA, CallBy, Input, Model, Size, Value
from bot.catalogue.order import Order
from bot.catalogue.plan import FileSlot, PlannedRequest, SecretSlot
from bot.catalogue.values import listed, problem
from bot.errors import InvalidOrder, ModelUnavailable

OPTIONS = (
    "prompt", "prompt_end", "negative", "aspect", "seed", "seconds", "resolution", "strength", "format", "style",
    "background", "what", "text", "voice", "lora",
)  # fmt: skip
"""The options of an order that fill inputs. `count` is spread over requests, files go to their places."""

SUBJECTS = ("prompt", "what")
"""Without these an order says nothing, even where the schema has a default (`person,car`)."""

BACKGROUND = re.compile(r"transparent|#[0-9a-fA-F]{6}")

MOST_REQUESTED = 10
"""How many pictures one quote of the command line may ask for: as many as one message of Discord can hold."""


def from_order(model: Model, order: Order, *, measured_ms: int | None = None) -> dict[str, object]:
    """The inputs that an order fills. Raises InvalidOrder and UnusableFile."""
    if order.task not in model.tasks:
        raise _refused(model, "task", f"is {order.task}, but this model does {listed(model.tasks)}")
    if not 1 <= order.count <= model.max_count:
        raise _refused(model, "count", f"takes 1 to {model.max_count}" if model.max_count > 1 else "takes only 1")
    asked = {option: value for option in OPTIONS if (value := _said(order, option)) is not None}
    inputs = _optioned(model, asked) | placed(model, order, measured_ms=measured_ms)
    _check_company(model, asked, inputs)
    _check_needs(model, order, inputs)
    return inputs


def counted(model: Model, inputs: dict[str, object], count: int) -> int:
    """How many pictures a model's own inputs ask for: by the model's count field or by `count`. Raises InvalidOrder.

    Also refuses secrets: those come from the settings alone.
    """
    for spec in model.inputs:
        if spec.secret and spec.name in inputs:
            raise _refused(model, spec.name, f"is a secret: set {spec.name.upper()} instead")
    spec = model.filled_by("count")
    own = inputs.get(spec.name) if spec else None
    if spec is not None and own is not None:
        _check_value(model, spec.name, own)
        if count not in {1, own}:
            raise _refused(model, spec.name, f"is {own}, but the count is {count}: give one of them")
        count = int(str(own))
    if not 1 <= count <= MOST_REQUESTED:
        raise _refused(model, "count", f"takes 1 to {MOST_REQUESTED}")
    return count


def complete(model: Model, inputs: Mapping[str, object]) -> dict[str, object]:
    """The inputs with what is always sent, in the model's own order.

    Raises InvalidOrder unless they are what the schema takes, and what a run needs besides.
    """
    for name in inputs:
        if model.input(name) is None:
            raise _refused(model, name, f"is no input; it takes {listed(_public(model))}")
    filled = {spec.name: value for spec in model.inputs if (value := _filled(spec, inputs)) is not None}
    for name, value in filled.items():
        _check_value(model, name, value)
    _check_groups(model, filled)
    return filled


def requests(model: Model, inputs: Mapping[str, object], count: int) -> tuple[PlannedRequest, ...]:
    """Spread `count` pictures over as few requests as the model allows.

    Where there are several, a given seed goes up by one for each picture before, so that no two are the same.
    """
    counted = model.filled_by("count")
    most = int(counted.maximum) if counted and counted.maximum else 1
    planned: list[PlannedRequest] = []
    for before in range(0, count, most):
        pictures = min(most, count - before)
        body = _seeded(model, inputs, before) | ({counted.name: pictures} if counted else {})
        planned.append(_request(model, _ordered(model, body), pictures))
    return tuple(planned)


def fill(
    body: Mapping[str, object], links: Mapping[FileSlot | str, str], secrets: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The body as it is sent: links (by FileSlot, or by its name) and secrets in their places.

    Raises KeyError where a link is missing, and ModelUnavailable where a secret is.
    """
    return {key: _fill_in(value, links, secrets or {}) for key, value in body.items()}


def _fill_in(value: object, links: Mapping[FileSlot | str, str], secrets: Mapping[str, str]) -> object:
    match value:
        case FileSlot():
            return links[value] if value in links else links[value.slot]
        case SecretSlot():
            if value.name not in secrets:
                raise ModelUnavailable(detail=f"{value.name.upper()} is not set")
            return secrets[value.name]
        case dict():
            return {key: _fill_in(item, links, secrets) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case list():
            return [_fill_in(item, links, secrets) for item in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case _:
            return value


def _refused(model: Model, option: str, what: str) -> InvalidOrder:
    return InvalidOrder(model=model.id, option=option, problem=what)


def _said(order: Order, option: str) -> Value | None:
    value: Value | None = getattr(order, option)
    return None if isinstance(value, str) and not value.strip() else value


def _optioned(model: Model, asked: Mapping[str, Value]) -> dict[str, object]:
    inputs: dict[str, object] = {}
    if model.sizes and asked.keys() & {"aspect", "resolution"}:
        inputs |= _size(model, asked).inputs
    for option, value in asked.items():
        spec = model.filled_by(option)
        if spec is not None:
            inputs[spec.name] = _translated(model, spec, option, value)
        elif not _done_anyway(model, option, value):
            raise _refused(model, option, _unsupported(model, option))
    return inputs


def _translated(model: Model, spec: Input, option: str, value: Value) -> Value:
    if option == "lora":
        if value not in model.loras:
            raise _refused(
                model, option, f"takes {listed(tuple(model.loras))}" if model.loras else "is not offered here"
            )
        return model.loras[str(value)]
    if option == "seed" and isinstance(value, int) and (value < 0 or value == spec.random):
        raise _refused(model, option, "takes 1 or more; leave it out for a random one" if spec.random == 0 else _SEED)
    if isinstance(value, str):
        value = spec.words.get(value, value)
    wrong = f"takes {listed(spec.offered)}" if value in spec.hidden else problem(spec, value)
    if wrong:
        raise _refused(model, option, wrong)
    return value


_SEED = "takes 0 or more; leave it out for a random one"


def _done_anyway(model: Model, option: str, value: Value) -> bool:
    """Whether the wish comes true without an input for it."""
    if option == "background" and option in model.after:
        return BACKGROUND.fullmatch(str(value)) is not None
    if option == "format":
        return MEDIA.get(str(value)) == model.media
    if option in {"aspect", "resolution"} and model.sizes:
        return option == "aspect" or any(size.resolution for size in model.sizes)
    return option in model.gives and model.gives[option] == value


def _unsupported(model: Model, option: str) -> str:
    if option == "background" and option in model.after:
        return "takes transparent or a colour such as #ffffff"
    if option == "format":
        own = next((name for name, media in MEDIA.items() if media == model.media), model.media)
        return f"cannot be chosen: this model makes {own}"
    if option in model.gives:
        return f"cannot be chosen: it is always {model.gives[option]}"
    takes = [name for name in OPTIONS if model.filled_by(name) or name in model.after]
    return f"is not taken by this model; it takes {listed(tuple(takes))}" if takes else "is not taken by this model"


def _size(model: Model, asked: Mapping[str, Value]) -> Size:
    aspect, resolution = asked.get("aspect"), asked.get("resolution")
    for size in model.sizes:
        if aspect in {None, size.aspect} and resolution in {None, size.resolution}:
            return size
    if aspect is not None and aspect not in model.aspects:
        raise _refused(model, "aspect", f"takes {listed(model.aspects)}")
    raise _refused(model, "resolution", f"takes {listed(model.resolutions)}" if model.resolutions else "is not taken")


def _check_company(model: Model, asked: Mapping[str, Value], inputs: Mapping[str, object]) -> None:
    """Refuse an option that means nothing without, or beside, another one."""
    for spec in model.inputs:
        if spec.name not in inputs or (spec.option is not None and spec.option not in asked):
            continue
        for name in spec.needs:
            if name not in inputs:
                raise _refused(model, spec.called, f"means something only together with {_called(model, name)}")
        for name in spec.unless:
            if name in inputs:
                raise _refused(model, spec.called, f"is ignored by this model when {_called(model, name)} is given")


def _check_needs(model: Model, order: Order, inputs: Mapping[str, object]) -> None:
    for option in SUBJECTS:
        spec = model.filled_by(option)
        if spec is not None and spec.name not in inputs:
            raise _refused(model, option, "is needed")
    for name in model.task_needs.get(order.task, ()):
        if name not in inputs:
            raise _refused(model, _called(model, name), f"is needed for {order.task}")


def _called(model: Model, name: str) -> str:
    spec = model.input(name)
    return spec.called if spec else name


def _filled(spec: Input, inputs: Mapping[str, object]) -> object:
    if spec.secret:
        return SecretSlot(spec.name)
    return inputs.get(spec.name, spec.always)


def _check_value(model: Model, name: str, value: object) -> None:
    spec = model.input(name)
    wrong = problem(spec, value) if spec else None
    if wrong:
        raise _refused(model, name, wrong)


def _check_groups(model: Model, inputs: Mapping[str, object]) -> None:
    for spec in model.inputs:
        if spec.required and spec.name not in inputs:
            raise _refused(model, spec.called, "is needed")
    for names in model.at_least_one:
        if not _present(names, inputs):
            raise _refused(model, _called(model, names[0]), f"is needed{_or_else(model, names)}")
    for names in model.exactly_one:
        if len(_present(names, inputs)) != 1:
            raise _refused(model, _called(model, names[0]), f"takes exactly one of {listed(_all_called(model, names))}")
    for names in model.together:
        if 0 < len(_present(names, inputs)) < len(names):
            raise _refused(model, _called(model, names[0]), f"goes only with {listed(_all_called(model, names[1:]))}")


def _present(names: Iterable[str], inputs: Mapping[str, object]) -> list[str]:
    return [name for name in names if name in inputs]


def _all_called(model: Model, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(_called(model, name) for name in names)


def _or_else(model: Model, names: tuple[str, ...]) -> str:
    return f" (or {listed(_all_called(model, names[1:]))})" if len(names) > 1 else ""


def _public(model: Model) -> tuple[str, ...]:
    return tuple(spec.name for spec in model.inputs if not spec.secret)


def _seeded(model: Model, inputs: Mapping[str, object], before: int) -> dict[str, object]:
    spec = model.filled_by("seed")
    seed = inputs.get(spec.name) if spec else None
    if spec is None or not before or not isinstance(seed, int) or seed == spec.random:
        return dict(inputs)
    raised = seed + before
    return {**inputs, spec.name: raised if spec.maximum is None else raised % (int(spec.maximum) + 1)}


def _ordered(model: Model, inputs: Mapping[str, object]) -> dict[str, object]:
    return {spec.name: inputs[spec.name] for spec in model.inputs if spec.name in inputs}


def _request(model: Model, inputs: Mapping[str, object], outputs: int) -> PlannedRequest:
    if model.call_by is CallBy.VERSION:
        return PlannedRequest("/v1/predictions", {"version": model.version, "input": inputs}, outputs)
    return PlannedRequest(f"/v1/models/{model.id}/predictions", {"input": inputs}, outputs)


def media(model: Model, inputs: Mapping[str, object]) -> str:
    """The media type that these inputs ask for."""
    spec = model.filled_by("format")
    return MEDIA.get(str(inputs.get(spec.name)), model.media) if spec else model.media
