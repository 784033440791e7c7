"""Assigns an order's files to a model's inputs, and checks the files' metadata."""

from collections.abc import Iterator
from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import cast

from bot.catalogue.model import Input, InputKind, Model
from bot.catalogue.order import FileRole, InputFile, Order
from bot.catalogue.plan import FileSlot
from bot.catalogue.refusals import RefusalReason, invalid, listed, unusable
from bot.filetype import MAY_BE_SOUND, extension

READABLE = ("png", "jpeg", "webp", "gif")
"""The picture formats that every model reads, unlike vector, bitmap (BMP) and camera formats."""

UNKNOWN = "application/octet-stream"
"""The type that an upload declares if its real type is unknown."""

KINDS = {FileRole.VIDEO: ("video",), FileRole.AUDIO: ("audio",)}
"""The kinds of files that a role requires if the input does not say; all other roles require pictures."""


def placed(model: Model, order: Order, *, measured_ms: int | None = None) -> dict[str, object]:
    """Return the inputs that the order's files fill, with slots as placeholders for their links.

    `measured_ms` is the length of the file that determines the price, if known. Raises InvalidOrder for a file that
    the model has no input for, and UnusableFile for one that exceeds the input's limits.
    """
    places: dict[str, object] = {}
    _check_mask(order)
    for file in order.files:
        spec = _place(model, file, places)
        check(file, spec, measured_ms if spec.name == model.seconds_of else None)
        slot = FileSlot(file.slot, invert=spec.invert, link=spec.kind is InputKind.STRING)
        if slot.link and not file.url and file.artefact is None:
            raise unusable(file.name, RefusalReason("file-link"))
        if spec.kind is InputKind.URIS:
            earlier = places.get(spec.name)
            places[spec.name] = [*earlier, slot] if isinstance(earlier, list) else [slot]
        else:
            places[spec.name] = slot
    return places


def mask_size(mask: InputFile, picture: InputFile) -> RefusalReason:
    """Return the reason why a mask of this size does not fit that picture."""
    return RefusalReason("file-mask-size", f"{picture.width}x{picture.height}", f"{mask.width}x{mask.height}")


def check(file: InputFile, spec: Input, measured_ms: int | None = None) -> None:
    """Check a file's metadata against the input's limits, skipping unknown facts. Raises UnusableFile."""
    for problem in _problems(file, spec, measured_ms):
        if problem is not None:
            raise unusable(file.name, problem)


def accepts(model: Model, file: InputFile) -> bool:
    """Return whether the model has an input for a file like this, as far as its metadata shows."""
    fitting = (spec for spec in model.inputs if file.role in spec.roles)
    return any(not any(problem for problem in _problems(file, spec, None)) for spec in fitting)


def _problems(file: InputFile, spec: Input, measured_ms: int | None) -> Iterator[RefusalReason | None]:
    yield from (_kind_problem(file, spec), _size_problem(file, spec), _length_problem(file, spec, measured_ms))


def _check_mask(order: Order) -> None:
    """Raise UnusableFile if the metadata shows that the mask and the picture differ in size.

    Either may be rotated by its EXIF orientation, which the metadata does not include.
    """
    mask = next((file for file in order.files if file.role is FileRole.MASK and not file.alpha_of), None)
    picture = next((file for file in order.files if file.role is FileRole.IMAGE), None)
    if mask is None or picture is None or not (mask.width and mask.height and picture.width and picture.height):
        return
    if {mask.width, mask.height} != {picture.width, picture.height}:
        raise unusable(mask.name, mask_size(mask, picture))


def _place(model: Model, file: InputFile, places: dict[str, object]) -> Input:
    fitting = [spec for spec in model.inputs if file.role in spec.roles]
    for spec in fitting:
        if spec.name not in places or _has_room(spec, places[spec.name]):
            return spec
    if fitting:
        raise invalid(model.id, file.slot, "too-many")
    taken = tuple(dict.fromkeys(role.value for spec in model.inputs for role in spec.roles))
    raise invalid(model.id, file.slot, "no-place" if taken else "no-files", listed(taken))


def _has_room(spec: Input, taken: object) -> bool:
    return isinstance(taken, list) and (spec.most is None or len(cast("list[object]", taken)) < spec.most)


def _kind_problem(file: InputFile, spec: Input) -> RefusalReason | None:
    kinds = spec.accept.kinds or KINDS.get(file.role, ("image",))
    declared = _declared(file)
    if declared in MAY_BE_SOUND and "audio" in kinds:
        return None  # only its content shows this, and that is read when the file is copied
    if declared != UNKNOWN and declared.partition("/")[0] not in kinds:
        return RefusalReason("file-kind", listed(kinds), declared)
    if _is_unreadable(declared):
        return RefusalReason("file-kind", listed(spec.accept.extensions or READABLE), declared)
    ending = PurePosixPath(file.name.lower()).suffix.removeprefix(".")
    endings = {ending, extension(declared) if "audio" in kinds else ending} & set(spec.accept.extensions)
    if spec.accept.extensions and ending and not endings:
        return RefusalReason("file-ending", listed(spec.accept.extensions), ending)
    return None


def _declared(file: InputFile) -> str:
    """Return the media type that a file declares, or the one that its name suggests if it declares none."""
    declared = (file.content_type or UNKNOWN).partition(";")[0].strip().lower()
    return (guess_type(file.name)[0] or UNKNOWN) if declared == UNKNOWN else declared


def _is_unreadable(media: str) -> bool:
    kind, _, form = media.partition(";")[0].partition("/")
    return kind == "image" and form not in (*READABLE, "jpg", "apng")


def _size_problem(file: InputFile, spec: Input) -> RefusalReason | None:
    limits = spec.accept
    if limits.max_bytes is not None and file.size > limits.max_bytes:
        return RefusalReason("file-bytes", str(limits.max_bytes), str(file.size))
    if not file.width or not file.height:
        return None
    sides = f"{file.width}x{file.height}"
    if limits.max_pixels is not None and file.width * file.height > limits.max_pixels:
        return RefusalReason("file-pixels", str(limits.max_pixels), sides)
    if limits.min_side is not None and min(file.width, file.height) < limits.min_side:
        return RefusalReason("file-side-least", str(limits.min_side), sides)
    if limits.max_side is not None and max(file.width, file.height) > limits.max_side:
        return RefusalReason("file-side-most", str(limits.max_side), sides)
    return None


def _length_problem(file: InputFile, spec: Input, measured_ms: int | None) -> RefusalReason | None:
    length_ms = file.duration_ms if measured_ms is None else measured_ms
    low, high = spec.accept.min_ms or 0, spec.accept.max_ms
    if length_ms is None or high is None or low <= length_ms <= high:
        return None
    return RefusalReason("file-length", f"{low / 1000:g} to {high / 1000:g}", f"{length_ms / 1000:g}")
