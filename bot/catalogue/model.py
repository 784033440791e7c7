"""The typed description of a model: its tasks, inputs, prices and output."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from urllib.parse import urlsplit

from bot.catalogue.order import FileRole, Task
from bot.catalogue.plan import Per
from bot.money import CREDITS_PER_USD, MILLI_PER_CREDIT

InputValue = str | int | float | bool
"""A value of an input."""

Limits = tuple[int | float | None, int | float | None]
"""The least and the greatest number allowed; None if there is no limit."""

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
"""The media types of the file formats that models produce, by file name extension."""

MOST_PICTURES = 4
"""The most pictures in one order for a model that makes one picture per run."""

MOST_LISTED = 10
"""The most files in a list input if the vendor gives no limit."""


class CallBy(StrEnum):
    """The way in which a request tells the provider which model to run."""

    MODEL = "model"
    VERSION = "version"


class InputKind(StrEnum):
    """The type of an input; URI is a link to a file, URIS a list of links."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    URI = "uri"
    URIS = "uris"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """The vendor's limits for an input file: sizes in bytes, sides in pixels, lengths in milliseconds.

    `kinds` are the first halves of media types (`image`); if empty, the file's role decides.
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
    """One input of a model, under the provider's own name, and the part of an order that fills it.

    `option` is the order's field, `roles` the roles of its files. `always` is the value that is sent if the member did
    not set the option. `hidden` are choices that members are not offered; `words` translate Easel's values to the
    provider's. When a member sets this input, those in `needs` must be set too and those in `unless` must not. `random`
    is the value that asks for a random seed; `most` limits the number of files; `secret` inputs come from the settings.

    Members may set an `advanced` input by its own name; `narrow` are limits for them if the provider's schema has none.
    `closed` is the reason why members cannot set an input that no option fills.
    """

    name: str
    kind: InputKind
    required: bool = False
    default: InputValue | None = None
    choices: tuple[InputValue, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None
    option: str | None = None
    roles: tuple[FileRole, ...] = ()
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
    advanced: bool = False
    narrow: Limits = (None, None)
    closed: str | None = None

    @property
    def limits(self) -> Limits:
        """The least and the greatest value that members may set."""
        low, high = self.narrow
        return self.minimum if low is None else low, self.maximum if high is None else high

    @property
    def offered(self) -> tuple[InputValue, ...]:
        """The choices that members are offered, in Easel's own words."""
        theirs = {value: word for word, value in self.words.items()}
        return tuple(theirs.get(choice, choice) for choice in self.choices if choice not in self.hidden)

    @property
    def called(self) -> str:
        """The name that members know: that of the order's option, or the file's role, or otherwise the input's own."""
        return self.option or (self.roles[0].value if self.roles else self.name)


@dataclass(frozen=True, slots=True)
class Size:
    """The inputs that produce one aspect ratio (and resolution) on a model without an input for it."""

    aspect: str
    resolution: str | None
    inputs: Mapping[str, InputValue]


@dataclass(frozen=True, slots=True)
class Rate:
    """A combination of inputs that has a list price; `usd` is set if it differs from the model's own."""

    inputs: Mapping[str, InputValue]
    usd: Fraction | None = None


class Shape(StrEnum):
    """The JSON shape of a run's output."""

    STRING = "string"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Output:
    """The output of a run: an object has its result under the key `main`; in some lists only the `last` one counts."""

    media: str
    shape: Shape = Shape.STRING
    main: str | None = None
    last: bool = False

    def results(self, links: tuple[str, ...], expected: int) -> tuple[str, ...]:
        """Pick the `expected` results among a run's links; the rest are by-products or unfinished results."""
        if self.last:
            return links[-expected:]
        wanted = tuple(link for link in links if _media_of(link) == self.media) if self.main else ()
        return (wanted or links)[:expected]


def _media_of(link: str) -> str | None:
    """Return the media type that a link itself reveals, in a data: URL or by the extension of its path."""
    if link.startswith("data:"):
        return link[5:].split(";", 1)[0].split(",", 1)[0]
    return MEDIA.get(urlsplit(link).path.rpartition(".")[2].lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that the provider hosts.

    `usd` is the list price of one `per` and `margin` the operator's surcharge (0.2 is 20 %). If there are `rates`,
    only those combinations have a price. `off` is the reason why the model cannot be used, None if it can. `seconds_of`
    names the input file whose length is billed. `gives` are options with a fixed value; `after` are options that
    Easel applies to the result itself. `task_needs`, `at_least_one`, `exactly_one` and `together` name inputs that a
    run requires although the provider's schema does not. `sound` names the input that gives a video sound; a video of
    any other model has none, unless it is made from another video. `typical_s`, the usual length of a run in seconds,
    is for progress texts only.
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
    sound: str | None = None

    @property
    def call_by(self) -> CallBy:
        """The way to call the model: by version if one is set, otherwise by name."""
        return CallBy.VERSION if self.version else CallBy.MODEL

    @property
    def enabled(self) -> bool:
        """Whether the model can be used."""
        return self.off is None

    @property
    def media(self) -> str:
        """The media type of a result unless the order chooses a format."""
        return self.output.media

    @property
    def is_video(self) -> bool:
        """Whether the model makes videos."""
        return self.media.startswith("video/") or Task.VIDEO in self.tasks

    def unit(self, usd: Fraction | None = None) -> Fraction:
        """Return the price of one `per` in milli-credits, with the margin, not rounded."""
        return (usd or self.usd) * CREDITS_PER_USD * MILLI_PER_CREDIT * (1 + self.margin)

    def input(self, name: str) -> Input | None:
        """Return the input with that name."""
        return next((spec for spec in self.inputs if spec.name == name), None)

    def filled_by(self, option: str) -> Input | None:
        """Return the input that an option of an order fills."""
        return next((spec for spec in self.inputs if spec.option == option), None)

    def called(self, name: str) -> str:
        """Return the name that members know for an input."""
        spec = self.input(name)
        return spec.called if spec else name

    @property
    def advanced(self) -> tuple[Input, ...]:
        """The inputs that members may set by their own names, without those for LoRAs if the model offers none."""
        lora = self.filled_by("lora")
        unusable = lora.name if lora and not self.loras else None
        return tuple(spec for spec in self.inputs if spec.advanced and unusable not in spec.needs)

    @property
    def public(self) -> tuple[str, ...]:
        """The names of all inputs except secrets."""
        return tuple(spec.name for spec in self.inputs if not spec.secret)

    def takes(self, role: FileRole) -> bool:
        """Return whether the model has an input for a file with that role."""
        return any(role in spec.roles for spec in self.inputs)

    def room(self, role: FileRole) -> int:
        """Return how many files with that role the model accepts."""
        places = [spec for spec in self.inputs if role in spec.roles]
        return sum((spec.most or MOST_LISTED) if spec.kind is InputKind.URIS else 1 for spec in places)

    def knows(self, option: str) -> bool:
        """Return whether the model supports an option of an order."""
        if option == "lora":
            return bool(self.loras)
        sized = bool(self.aspects if option == "aspect" else self.resolutions if option == "resolution" else ())
        return sized or option in self.gives or option in self.after or self.filled_by(option) is not None

    @property
    def max_count(self) -> int:
        """The most pictures in one order: as many as one run makes, or several runs if the model has a prompt.

        Without a prompt, repeated runs would all make the same picture.
        """
        count = self.filled_by("count")
        if count is not None and count.maximum is not None:
            return int(count.maximum)
        return MOST_PICTURES if self.filled_by("prompt") else 1

    @property
    def seconds_choices(self) -> tuple[int, ...]:
        """The lengths in seconds that a member can order, both valid and priced; empty if there is no choice."""
        return tuple(int(value) for value in self._priced("seconds"))

    @property
    def resolutions(self) -> tuple[str, ...]:
        """The resolutions that a member can order, both valid and priced."""
        return tuple(str(value) for value in self._priced("resolution"))

    @property
    def aspects(self) -> tuple[str, ...]:
        """The aspect ratios that a member can order."""
        sized = dict.fromkeys(size.aspect for size in self.sizes)
        return tuple(sized) or tuple(str(value) for value in self.choices("aspect"))

    def choices(self, option: str) -> tuple[InputValue, ...]:
        """Return the values that a member may choose for an option; empty if any value is allowed or none is."""
        if option == "lora":
            return tuple(self.loras)
        spec = self.filled_by(option)
        if spec is None:
            return (self.gives[option],) if option in self.gives else ()
        return spec.offered

    def values(self, option: str) -> tuple[InputValue, ...]:
        """Return the values that a member can order for an option, valid and priced; empty if they are not listed."""
        if option == "aspect":
            return self.aspects
        return self._priced(option) if option in {"seconds", "resolution"} else self.choices(option)

    def _priced(self, option: str) -> tuple[InputValue, ...]:
        sized = dict.fromkeys(size.resolution for size in self.sizes if size.resolution)
        if option == "resolution" and sized:
            return tuple(sized)
        spec = self.filled_by(option)
        priced = (
            {rate.inputs[spec.name] for rate in self.rates if spec.name in rate.inputs} if spec else set[InputValue]()
        )
        return tuple(value for value in self.choices(option) if not priced or value in priced)
