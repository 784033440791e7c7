"""The files of an order: each to the input that has a place for it, checked by what its metadata tells."""

from pathlib import PurePosixPath

from bot.catalogue.model import Input, Kind, Model
from bot.catalogue.order import InputFile, Order, Role
from bot.catalogue.plan import FileSlot
from bot.catalogue.values import listed
from bot.errors import InvalidOrder, UnusableFile

KINDS = {Role.VIDEO: ("video",), Role.AUDIO: ("audio",)}
"""What a file of a role must be, where the input says nothing; all other roles are pictures."""


def placed(model: Model, order: Order, *, measured_ms: int | None = None) -> dict[str, object]:
    """The inputs that the order's files fill, with slots where their links will go.

    `measured_ms` is the length of the one file that the price hangs on, where it is known. Raises InvalidOrder for a
    file that the model has no place for, UnusableFile for one that it cannot take.
    """
    places: dict[str, object] = {}
    for file in order.files:
        spec = _place(model, file, places)
        check(file, spec, measured_ms if spec.name == model.seconds_of else None)
        slot = FileSlot(file.slot, invert=spec.invert)
        if spec.kind is Kind.URIS:
            earlier = places.get(spec.name)
            places[spec.name] = [*earlier, slot] if isinstance(earlier, list) else [slot]
        else:
            places[spec.name] = slot
    return places


def check(file: InputFile, spec: Input, measured_ms: int | None = None) -> None:
    """Hold a file's metadata against the input's limits. What is not known is not judged. Raises UnusableFile."""
    for problem in (_kind_problem(file, spec), _size_problem(file, spec), _length_problem(file, spec, measured_ms)):
        if problem:
            raise UnusableFile(name=file.name, problem=problem)


def _place(model: Model, file: InputFile, places: dict[str, object]) -> Input:
    fitting = [spec for spec in model.inputs if file.role in spec.roles]
    for spec in fitting:
        if spec.name not in places or _has_room(spec, places[spec.name]):
            return spec
    problem = "is one file too many" if fitting else f"is not taken; this model takes {_taken(model)}"
    raise InvalidOrder(model=model.id, option=file.slot, problem=problem)


def _has_room(spec: Input, taken: object) -> bool:
    return isinstance(taken, list) and (spec.most is None or len(taken) < spec.most)  # pyright: ignore[reportUnknownArgumentType]


def _taken(model: Model) -> str:
    roles = dict.fromkeys(role.value.replace("_", " ") for spec in model.inputs for role in spec.roles)
    return listed(tuple(roles)) if roles else "no files"


def _kind_problem(file: InputFile, spec: Input) -> str | None:
    kinds = spec.accept.kinds or KINDS.get(file.role, ("image",))
    family = (file.content_type or "").partition("/")[0]
    if family and family not in kinds:
        return f"is {file.content_type}, but the model takes {listed(kinds)} here"
    extension = PurePosixPath(file.name.lower()).suffix.removeprefix(".")
    if spec.accept.extensions and extension and extension not in spec.accept.extensions:
        return f"is .{extension}, but the model takes {listed(spec.accept.extensions)}"
    return None


def _size_problem(file: InputFile, spec: Input) -> str | None:
    limits = spec.accept
    if limits.max_bytes is not None and file.size > limits.max_bytes:
        return f"is {file.size} bytes, but the model takes at most {limits.max_bytes}"
    if not file.width or not file.height:
        return None
    sides = f"is {file.width}x{file.height} pixels, but the model takes "
    if limits.max_pixels is not None and file.width * file.height > limits.max_pixels:
        return f"{sides}at most {limits.max_pixels} pixels"
    if limits.min_side is not None and min(file.width, file.height) < limits.min_side:
        return f"{sides}sides of at least {limits.min_side}"
    if limits.max_side is not None and max(file.width, file.height) > limits.max_side:
        return f"{sides}sides of at most {limits.max_side}"
    return None


def _length_problem(file: InputFile, spec: Input, measured_ms: int | None) -> str | None:
    length_ms = file.duration_ms if measured_ms is None else measured_ms
    low, high = spec.accept.min_ms, spec.accept.max_ms
    if length_ms is None or ((low is None or length_ms >= low) and (high is None or length_ms <= high)):
        return None
    if low is None or high is None:
        return f"is {length_ms / 1000:g} s long, which the model does not take"
    return f"is {length_ms / 1000:g} s long, but the model takes {low / 1000:g} to {high / 1000:g} s"
