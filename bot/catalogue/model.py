"""A model as data: what it can be asked, what it takes, what it costs and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from urllib.parse import urlsplit

from bot.catalogue.order import Role, Task
from bot.catalogue.plan import Per
from bot.money import CREDITS_PER_USD, MILLI_PER_CREDIT

InputValue = str | int | float | bool
"""One value of an input."""

MEDIA = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "wav": "audio/wav",
}
"""The media types of the file formats that models write."""

MOST_PICTURES = 4
"""How many pictures an order may ask of a model that makes one at a time."""

MOST_LISTED = 10
"""How many files go into a list for which the vendor names no limit."""


class CallBy(StrEnum):
    """How the provider is told which model to run."""

    MODEL = "model"
    VERSION = "version"


class InputKind(StrEnum):
    """The type of an input. URI is a link to a file, URIS a list of them."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    URI = "uri"
    URIS = "uris"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """What a file must be like, as its vendor says: sizes in bytes, sides in pixels, lengths in milliseconds.

    `kinds` are the first halves of media types (`image`); empty: what the file's role says.
    """

    kinds: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    max_bytes: int | None = None
    max_pixels: int | None = None
    min_side: int | None = None
    max_side: int | None = None
    min_ms: int | None = None
    max_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a model, by the provider's own name, and what of an order fills it.

    `option` is the order's field, `roles` the roles of its files. `always` is sent even when nobody asked. `hidden`
    are choices that are no choice for members; `words` turn ours into the provider's. `needs` and `unless` name
    inputs that must, or must not, be there too when a member sets this one. `random` is the seed that means "any".
    """

    name: str
    kind: InputKind
    required: bool = False
    default: InputValue | None = None
    choices: tuple[InputValue, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None
    option: str | None = None
    roles: tuple[Role, ...] = ()
    always: InputValue | None = None
    hidden: tuple[InputValue, ...] = ()
    words: Mapping[str, InputValue] = field(default_factory=dict[str, InputValue])
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    random: int | None = None
    invert: bool = False
    accept: Accept = field(default_factory=Accept)
    most: int | None = None
    secret: bool = False

    @property
    def offered(self) -> tuple[InputValue, ...]:
        """The choices that members have, in their words."""
        theirs = {value: word for word, value in self.words.items()}
        return tuple(theirs.get(choice, choice) for choice in self.choices if choice not in self.hidden)

    @property
    def called(self) -> str:
        """What members call this input: the order's option, the role of its file, else its own name."""
        return self.option or (self.roles[0].value if self.roles else self.name)


@dataclass(frozen=True, slots=True)
class Size:
    """The inputs that make one aspect (and resolution) on a model that has no input for it."""

    aspect: str
    resolution: str | None
    inputs: Mapping[str, InputValue]


@dataclass(frozen=True, slots=True)
class Rate:
    """One combination of inputs that has a list price; `usd` where it differs from the model's own."""

    inputs: Mapping[str, InputValue]
    usd: Fraction | None = None


class Shape(StrEnum):
    """The form of a run's output."""

    STRING = "string"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Output:
    """What a run answers with. Of an object the file under `main` is the result; of some lists only the `last` one."""

    media: str
    shape: Shape = Shape.STRING
    main: str | None = None
    last: bool = False

    def results(self, links: tuple[str, ...], expected: int) -> tuple[str, ...]:
        """Which of a run's links are results, of `expected` ones: the rest is by-products or unfinished."""
        if self.last:
            return links[-expected:]
        wanted = tuple(link for link in links if _media_of(link) == self.media) if self.main else ()
        return (wanted or links)[:expected]


def _media_of(link: str) -> str | None:
    """The media type that a link speaks of by itself: in a data URL, or by the ending of its path."""
    if link.startswith("data:"):
        return link[5:].split(";", 1)[0].split(",", 1)[0]
    return MEDIA.get(urlsplit(link).path.rpartition(".")[2].lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One of the models. `usd` is the list price of one `per`, `margin` what the operator adds to it (0.2 is 20 %).

    `rates`, where there are any, are the only priced combinations. `off` says why the model cannot be used, None
    where it can. `gives` is what the model makes anyway; `after` are options that Easel carries out on the result.
    `task_needs`, `at_least_one`, `exactly_one` and `together` name inputs that must be there beyond the schema.
    `typical_s` is for progress texts only: a median of measured runs where `measured`, else a guess.
    """

    id: str
    label: str
    version: str | None
    tasks: tuple[Task, ...]
    usd: Fraction
    per: Per
    margin: Fraction
    inputs: tuple[Input, ...]
    output: Output
    typical_s: float
    off: str | None = None
    by_default: bool = True
    rates: tuple[Rate, ...] = ()
    seconds_of: str | None = None
    sizes: tuple[Size, ...] = ()
    gives: Mapping[str, InputValue] = field(default_factory=dict[str, InputValue])
    after: frozenset[str] = frozenset()
    task_needs: Mapping[Task, tuple[str, ...]] = field(default_factory=dict[Task, tuple[str, ...]])
    at_least_one: tuple[tuple[str, ...], ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    loras: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def call_by(self) -> CallBy:
        """By version where one is set, else by name."""
        return CallBy.VERSION if self.version else CallBy.MODEL

    @property
    def enabled(self) -> bool:
        """Whether the operator lets this model be used."""
        return self.off is None

    @property
    def media(self) -> str:
        """The media type of a result when nobody asked for a format."""
        return self.output.media

    @property
    def is_video(self) -> bool:
        """Whether it makes moving pictures."""
        return self.media.startswith("video/") or Task.VIDEO in self.tasks

    def unit(self, usd: Fraction | None = None) -> Fraction:
        """The price of one `per` in milli-credits, margin included, not rounded."""
        return (usd or self.usd) * CREDITS_PER_USD * MILLI_PER_CREDIT * (1 + self.margin)

    def input(self, name: str) -> Input | None:
        """The input of that name."""
        return next((spec for spec in self.inputs if spec.name == name), None)

    def filled_by(self, option: str) -> Input | None:
        """The input that an option of an order fills."""
        return next((spec for spec in self.inputs if spec.option == option), None)

    def called(self, name: str) -> str:
        """What members call the input of that name."""
        spec = self.input(name)
        return spec.called if spec else name

    @property
    def public(self) -> tuple[str, ...]:
        """The names of the inputs that somebody may give: all but secrets."""
        return tuple(spec.name for spec in self.inputs if not spec.secret)

    def takes(self, role: Role) -> bool:
        """Whether it has a place for a file of that role."""
        return any(role in spec.roles for spec in self.inputs)

    def room(self, role: Role) -> int:
        """How many files of that role it has places for."""
        places = [spec for spec in self.inputs if role in spec.roles]
        return sum((spec.most or MOST_LISTED) if spec.kind is InputKind.URIS else 1 for spec in places)

    def knows(self, option: str) -> bool:
        """Whether a member can set that option of an order to anything here."""
        if option == "lora":
            return bool(self.loras)
        sized = bool(self.aspects if option == "aspect" else self.resolutions if option == "resolution" else ())
        return sized or option in self.gives or option in self.after or self.filled_by(option) is not None

    @property
    def max_count(self) -> int:
        """How many pictures one order may ask for: what a run can make, else several runs, if a prompt varies them."""
        count = self.filled_by("count")
        if count is not None and count.maximum is not None:
            return int(count.maximum)
        return MOST_PICTURES if self.filled_by("prompt") else 1

    @property
    def seconds_choices(self) -> tuple[int, ...]:
        """The lengths that a member may order, in seconds: legal and priced. Empty where there is no choice to make."""
        return tuple(int(value) for value in self._priced("seconds"))

    @property
    def resolutions(self) -> tuple[str, ...]:
        """The resolutions that a member may order: legal and priced."""
        return tuple(str(value) for value in self._priced("resolution"))

    @property
    def aspects(self) -> tuple[str, ...]:
        """The aspects that a member may order."""
        sized = dict.fromkeys(size.aspect for size in self.sizes)
        return tuple(sized) or tuple(str(value) for value in self.choices("aspect"))

    def choices(self, option: str) -> tuple[InputValue, ...]:
        """What a member may set an option to; empty where it is free, fixed or not taken."""
        if option == "lora":
            return tuple(self.loras)
        spec = self.filled_by(option)
        if spec is None:
            return (self.gives[option],) if option in self.gives else ()
        return spec.offered

    def _priced(self, option: str) -> tuple[InputValue, ...]:
        sized = dict.fromkeys(size.resolution for size in self.sizes if size.resolution)
        if option == "resolution" and sized:
            return tuple(sized)
        spec = self.filled_by(option)
        priced = (
            {rate.inputs[spec.name] for rate in self.rates if spec.name in rate.inputs} if spec else set[InputValue]()
        )
        return tuple(value for value in self.choices(option) if not priced or value in priced)
