"""A plan: the exact requests that an order becomes, and its exact price. Made before anything is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Per(StrEnum):
    """What a list price is for."""

    IMAGE = "image"
    SECOND = "second"
    REQUEST = "request"
    CLIP = "clip"


@dataclass(frozen=True, slots=True)
class FileSlot:
    """A place in a request's input where the link of an order's file goes.

    `invert` asks for a mask with its black and white exchanged; `link` for an https link, where the model takes no
    data: URL. Stored in JSON as {"$file": slot, "invert": bool}, with "link": true where it is.
    """

    slot: str
    invert: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True)
class SecretSlot:
    """A place in a request's input where a secret of the operator's goes when the request is sent, never before.

    Stored in JSON as {"$secret": name}; `name` is the setting's, in lower case.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The exact price of an order; where the price depends on the result, its upper bound. The charge never exceeds it.

    `unit_mcr` is the price of one `per` in milli-credits, margin included (a fraction, not yet rounded); `units` how
    many of them were quoted: pictures, seconds (a fraction where a length was measured), requests or clips.
    """

    milli_credits: int
    per: Per
    unit_mcr: Fraction
    units: Fraction
    upper_bound: bool


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One create call: `path` below the provider's base URL (`/v1/…`), `body` with FileSlots where links will go.

    A SecretSlot stands where a key of the operator's will go. `outputs` is how many results it should bring.
    """

    path: str
    body: Mapping[str, object]
    outputs: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order becomes: its model (and version, where one is pinned), its requests and its price.

    `media` is the kind of file that is expected (`image/png`); `typical_s` how long a run usually takes.
    """

    model: str
    version: str | None
    requests: tuple[PlannedRequest, ...]
    quote: Quote
    media: str
    typical_s: float

    @property
    def outputs(self) -> int:
        """How many results all the requests should bring together."""
        return sum(request.outputs for request in self.requests)
