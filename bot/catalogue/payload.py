"""Constructs the exact requests from complete inputs. Pure: the same inputs give the same bodies."""

from collections.abc import Mapping, Sequence
from typing import cast

from bot.catalogue.model import MEDIA, CallBy, Model
from bot.catalogue.plan import FileSlot, PlannedRequest, SecretSlot
from bot.errors import ModelUnavailable

SlotLinks = Mapping[FileSlot | str, str]


def requests(
    model: Model, inputs: Mapping[str, object], count: int, seeds: Sequence[int | None] = ()
) -> tuple[PlannedRequest, ...]:
    """Spread `count` pictures over as few requests as the model allows.

    With several requests, a seed is increased by the number of earlier pictures, so that no two pictures are the same.
    `seeds` overrides this with a seed for each request (None: a random one).
    """
    counted = model.filled_by("count")
    most = int(counted.maximum) if counted and counted.maximum else 1
    planned: list[PlannedRequest] = []
    for before in range(0, count, most):
        some = min(most, count - before)
        number = len(planned)
        seeded = _with_seed(model, inputs, seeds[number]) if number < len(seeds) else _seeded(model, inputs, before)
        body = seeded | ({counted.name: some} if counted else {})
        planned.append(_request(model, _ordered(model, body), some))
    return tuple(planned)


def media(model: Model, inputs: Mapping[str, object]) -> str:
    """Return the media type that these inputs ask for."""
    spec = model.filled_by("format")
    return MEDIA.get(str(inputs.get(spec.name)), model.media) if spec else model.media


def fill(body: Mapping[str, object], links: SlotLinks, secrets: Mapping[str, str] | None = None) -> dict[str, object]:
    """Fill in links (by FileSlot or by its name) and secrets, and return the body to send.

    Raises KeyError if a link is missing, and ModelUnavailable if a secret is.
    """
    return {key: _fill_in(value, links, secrets or {}) for key, value in body.items()}


def _fill_in(value: object, links: SlotLinks, secrets: Mapping[str, str]) -> object:
    match value:
        case FileSlot():
            return links[value] if value in links else links[value.slot]
        case SecretSlot():
            if value.name not in secrets:
                raise ModelUnavailable(detail=f"{value.name.upper()} is not set")
            return secrets[value.name]
        case dict():
            return fill(cast("dict[str, object]", value), links, secrets)
        case list():
            return [_fill_in(item, links, secrets) for item in cast("list[object]", value)]
        case _:
            return value


def _seeded(model: Model, inputs: Mapping[str, object], before: int) -> dict[str, object]:
    """Return the inputs with the seed for a request that comes after `before` pictures."""
    spec = model.filled_by("seed")
    seed = inputs.get(spec.name) if spec else None
    if spec is None or not before or not isinstance(seed, int) or seed == spec.random:
        return dict(inputs)
    # Wraps around at the maximum: a seed above it would be refused by the provider after credits were held.
    raised = seed + before
    return {**inputs, spec.name: raised if spec.maximum is None else raised % (int(spec.maximum) + 1)}


def _with_seed(model: Model, inputs: Mapping[str, object], seed: int | None) -> dict[str, object]:
    """Return the inputs with this seed instead of any other."""
    spec = model.filled_by("seed")
    if spec is None:
        return dict(inputs)
    others = {name: value for name, value in inputs.items() if name != spec.name}
    return others if seed is None else {**others, spec.name: seed}


def _ordered(model: Model, inputs: Mapping[str, object]) -> dict[str, object]:
    return {spec.name: inputs[spec.name] for spec in model.inputs if spec.name in inputs}


def _request(model: Model, inputs: Mapping[str, object], outputs: int) -> PlannedRequest:
    if model.call_by is CallBy.VERSION:
        return PlannedRequest("/v1/predictions", {"version": model.version, "input": inputs}, outputs)
    return PlannedRequest(f"/v1/models/{model.id}/predictions", {"input": inputs}, outputs)
