"""The plan of an order: its exact requests and its exact price, made before any credits are held."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction


class Per(StrEnum):
    """The unit of a list price."""

    IMAGE = "image"
    SECOND = "second"
    REQUEST = "request"
    CLIP = "clip"


@dataclass(frozen=True, slots=True)
class FileSlot:
    """A placeholder in a request's input for the link to a file of the order.

    `invert` asks for the mask with black and white swapped; `link` asks for an https link, because the model accepts
    no data: URLs. Stored in JSON as {"$file": slot, "invert": bool}, plus "link": true if set.
    """

    slot: str
    invert: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True)
class SecretSlot:
    """A placeholder in a request's input for an operator's secret, filled in only when the request is sent.

    Stored in JSON as {"$secret": name}; `name` is that of the setting in lower case.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The exact price of an order, or its upper bound if the price depends on a length that is not known yet.

    The charge never exceeds it. `unit_mcr` is the price of one `per` in milli-credits, with the margin and not yet
    rounded; `units` is the number of pictures, seconds (a fraction if a length was measured), requests or clips.
    """

    milli_credits: int
    per: Per
    unit_mcr: Fraction
    units: Fraction
    upper_bound: bool


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """A create call: `path` below the provider's base URL (`/v1/…`), and `body` with placeholders.

    FileSlots stand for links and SecretSlots for the operator's keys. `outputs` is the expected number of results.
    """

    path: str
    body: Mapping[str, object]
    outputs: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The model (and version, if pinned), requests and price of an order.

    `media` is the expected media type of the results (`image/png`); `typical_s` the usual length of a run in seconds.
    """

    model: str
    version: str | None
    requests: tuple[PlannedRequest, ...]
    quote: Quote
    media: str
    typical_s: float

    @property
    def outputs(self) -> int:
        """The expected number of results of all requests together."""
        return sum(request.outputs for request in self.requests)


def without_bodies(plan: Plan) -> Plan:
    """Return a plan without the bodies of its requests, but with its price and its number of results."""
    return replace(plan, requests=tuple(replace(request, body={}) for request in plan.requests))
