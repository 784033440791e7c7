"""The schema of a catalogue file, validated field by field with pydantic."""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.catalogue.model import Accept, Input, InputKind, InputValue, Model, Output, Rate, Shape, Size
from bot.catalogue.order import FileRole, Task
from bot.catalogue.plan import Per

Option = Literal[
    "prompt", "prompt_end", "negative", "aspect", "count", "seed", "seconds", "resolution", "strength", "format",
    "style", "background", "what", "text", "voice", "lora",
]  # fmt: skip
"""The options of an order that can fill an input."""


def _exact(value: object) -> object:
    """Parse a price or percentage exactly as written: 0.003 is 3/1000."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            pass
    raise ValueError('must be a number such as "0.04"')


def _positive(value: Fraction) -> Fraction:
    if value <= 0:
        raise ValueError("must be more than 0")
    return value


def _margin(value: Fraction) -> Fraction:
    if not 0 <= value <= 1000:  # noqa: PLR2004 - per cent
        raise ValueError("must be from 0 to 1000 per cent")
    return value / 100


Usd = Annotated[Fraction, BeforeValidator(lambda value: _positive(Fraction(str(_exact(value)))))]
Margin = Annotated[Fraction, BeforeValidator(lambda value: _margin(Fraction(str(_exact(value)))))]
Scalar = Annotated[InputValue, Field(union_mode="smart")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class AcceptEntry(_Entry):
    """The limits of an input file."""

    kinds: tuple[Literal["image", "video", "audio"], ...] = ()
    extensions: tuple[str, ...] = ()
    max_bytes: int | None = Field(default=None, gt=0)
    max_pixels: int | None = Field(default=None, gt=0)
    min_side: int | None = Field(default=None, gt=0)
    max_side: int | None = Field(default=None, gt=0)
    min_ms: int | None = Field(default=None, gt=0)
    max_ms: int | None = Field(default=None, gt=0)

    def build(self) -> Accept:
        """Build the typed record."""
        return Accept(**self.model_dump())


class LimitsEntry(_Entry):
    """Limits for an advanced number, if the provider's schema has none or they are narrower."""

    min: int | float | None = None
    max: int | float | None = None


class InputEntry(_Entry):
    """One input of a model."""

    type: InputKind
    required: bool = False
    default: Scalar | None = None
    enum: tuple[Scalar, ...] = ()
    min: int | float | None = None
    max: int | float | None = None
    filled_from: Option | tuple[FileRole, ...] = Field(default=(), alias="from")
    always: Scalar | None = None
    hide: tuple[Scalar, ...] = ()
    say: dict[str, Scalar] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    random: int | None = None
    invert: bool = False
    accept: AcceptEntry = AcceptEntry()
    most: int | None = Field(default=None, gt=0)
    secret: bool = False
    advanced: bool | LimitsEntry = False
    closed: Literal["safety", "size", "length", "cost", "unused", False] | None = None

    def build(self, name: str) -> Input:
        """Build the typed record."""
        by_option = isinstance(self.filled_from, str)
        limits = self.advanced if isinstance(self.advanced, LimitsEntry) else LimitsEntry()
        return Input(
            name=name,
            kind=self.type,
            required=self.required,
            default=self.default,
            choices=self.enum,
            minimum=self.min,
            maximum=self.max,
            option=self.filled_from if isinstance(self.filled_from, str) else None,
            roles=() if by_option else tuple(FileRole(role) for role in self.filled_from),
            always=self.always,
            hidden=self.hide,
            words=self.say,
            needs=self.needs,
            unless=self.unless,
            random=self.random,
            invert=self.invert,
            accept=self.accept.build(),
            most=self.most,
            secret=self.secret,
            advanced=self.advanced is not False,
            narrow=(limits.min, limits.max),
            closed=self.closed or None,
        )


class OutputEntry(_Entry):
    """The output of a run."""

    media: str = Field(pattern=r"^(image|video|audio)/[a-z0-9.+-]+$")
    shape: Shape = Shape.STRING
    main: str | None = None
    last: bool = False


class SizeEntry(BaseModel):
    """An aspect ratio and the inputs that produce it: every other key is an input."""

    model_config = ConfigDict(extra="allow", frozen=True)

    aspect: str = Field(pattern=r"^\d+:\d+$")
    resolution: str | None = None

    def build(self) -> Size:
        """Build the typed record."""
        return Size(self.aspect, self.resolution, dict(self.model_extra or {}))


class RateEntry(BaseModel):
    """A combination of inputs that has a price: every key except `usd` is an input."""

    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True)

    usd: Usd | None = None

    def build(self) -> Rate:
        """Build the typed record."""
        return Rate(dict(self.model_extra or {}), self.usd)


class ModelEntry(_Entry):
    """One model."""

    tasks: tuple[Task, ...] = Field(min_length=1)
    usd: Usd
    per: Per
    typical_s: float = Field(gt=0)
    output: OutputEntry
    inputs: dict[str, InputEntry] = Field(min_length=1)
    label: str | None = Field(default=None, min_length=1, max_length=60)
    version: str | None = Field(default=None, pattern=r"^([0-9a-f]{64})?$")
    """Empty text unpins a model that an earlier file has pinned."""
    enabled: bool = True
    by_default: bool = True
    margin_percent: Margin | None = None
    priced: tuple[RateEntry, ...] = ()
    seconds_of: str | None = None
    sizes: tuple[SizeEntry, ...] = ()
    gives: dict[Option, Scalar] = Field(default_factory=dict[Option, InputValue])
    after: frozenset[Literal["background"]] = frozenset()
    needs: dict[Task, tuple[str, ...]] = Field(default_factory=dict[Task, tuple[str, ...]])
    at_least_one: tuple[tuple[str, ...], ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    loras: dict[str, str] = Field(default_factory=dict)
    sound: str | None = None

    def build(self, model_id: str, *, margin: Fraction, off: str | None) -> Model:
        """Build the typed record with the global `margin`; `off` is the reason why the model cannot be used, if any."""
        return Model(
            id=model_id,
            label=self.label or model_id.rpartition("/")[2],
            version=self.version or None,
            tasks=self.tasks,
            usd=self.usd,
            per=self.per,
            margin=margin if self.margin_percent is None else self.margin_percent,
            inputs=tuple(entry.build(name) for name, entry in self.inputs.items()),
            output=Output(**self.output.model_dump()),
            typical_s=self.typical_s,
            off=off,
            by_default=self.by_default,
            rates=tuple(entry.build() for entry in self.priced),
            seconds_of=self.seconds_of,
            sizes=tuple(entry.build() for entry in self.sizes),
            gives={str(option): value for option, value in self.gives.items()},
            after=self.after,
            task_needs=self.needs,
            at_least_one=self.at_least_one,
            exactly_one=self.exactly_one,
            together=self.together,
            loras=self.loras,
            sound=self.sound,
        )


class CatalogueEntry(_Entry):
    """A whole catalogue file, after references to `lists` have been resolved."""

    margin_percent: Margin = Fraction(0)
    defaults: dict[Task, tuple[str, ...]] = Field(default_factory=dict[Task, tuple[str, ...]])
    models: dict[str, ModelEntry]
