"""Reads from a plan what its results will be like, so that people can compare two orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from bot.catalogue.model import Input, Model, Size
from bot.catalogue.plan import Per, Plan

MEGAPIXELS = "megapixels"
"""The name of inputs whose values are numbers of megapixels, which mean nothing without their unit."""


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits of one result, and the number of results. None means that it is unknown or does not apply.

    `sound` says whether a video has sound.
    """

    outputs: int
    seconds: Fraction | None = None
    resolution: str | None = None
    aspect: str | None = None
    sound: bool | None = None


def traits(model: Model, plan: Plan) -> Traits:
    """Return what the results of a plan of this model will be like."""
    sent = cast("Mapping[str, object]", plan.requests[0].body.get("input", {}))
    size = next((one for one in model.sizes if _is_sent(model, one, sent)), None)
    return Traits(
        outputs=plan.outputs,
        seconds=_seconds(model, plan, sent),
        resolution=size.resolution or _sides(size) if size else _chosen(model, "resolution", sent),
        aspect=size.aspect if size else _chosen(model, "aspect", sent),
        sound=_sound(model, sent),
    )


def _seconds(model: Model, plan: Plan, sent: Mapping[str, object]) -> Fraction | None:
    chosen = _chosen(model, "seconds", sent)
    if chosen is not None:
        return Fraction(chosen)
    billed = plan.quote.per is Per.SECOND and not plan.quote.upper_bound
    return plan.quote.units / plan.outputs if billed else None


def _chosen(model: Model, option: str, sent: Mapping[str, object]) -> str | None:
    """Return the value that an option has, whether a member set it or not; None if the model decides."""
    spec = model.filled_by(option)
    if spec is None:
        return str(model.gives[option]) if option in model.gives else None
    if any(name in sent for name in spec.unless):
        return None
    value = _value(spec, sent)
    if value is None or value in spec.hidden:
        return None
    return f"{value} MP" if spec.name == MEGAPIXELS else str(value)


def _value(spec: Input, sent: Mapping[str, object]) -> object:
    return sent.get(spec.name, spec.default)


def _is_sent(model: Model, size: Size, sent: Mapping[str, object]) -> bool:
    return all((spec := model.input(name)) and _value(spec, sent) == value for name, value in size.inputs.items())


def _sides(size: Size) -> str | None:
    sides = tuple(str(size.inputs[name]) for name in ("width", "height") if name in size.inputs)
    return "\u00d7".join(sides) or None


def _sound(model: Model, sent: Mapping[str, object]) -> bool | None:
    if not model.media.startswith("video/"):
        return None
    spec = model.input(model.sound) if model.sound else None
    return bool(_value(spec, sent)) if spec else model.seconds_of is not None
