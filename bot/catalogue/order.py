"""The order: what a member asked for, parsed and typed, before any decision."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Task(StrEnum):
    """A kind of work that a model can do."""

    IMAGINE = "imagine"
    EDIT = "edit"
    ERASE = "erase"
    REMOVEBG = "removebg"
    UPSCALE = "upscale"
    VECTORIZE = "vectorize"
    SVG = "svg"
    VIDEO = "video"
    MUSIC = "music"
    LIPSYNC = "lipsync"


class FileRole(StrEnum):
    """The purpose of a file in an order."""

    IMAGE = "image"
    MASK = "mask"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    REFERENCE = "reference"
    VIDEO = "video"
    AUDIO = "audio"


UNKNOWN_SIZE = -1
"""The size of a picture in an embed or a gallery, for which Discord gives none."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file attached to an order, described by its metadata only: its content has not been read yet.

    `slot` identifies it within the order (`image`, `image2`, `reference3`) and `role` gives its purpose. Sizes are in
    bytes, sides in pixels, lengths in milliseconds. `artefact` identifies a stored result (`<job id>/<number>`) or a
    stored input of an earlier job (`<job id>:<slot>`), if the file is one. `alpha_of` is set for a mask without a file:
    it is the slot of the picture whose transparent parts form the mask.
    """

    slot: str
    role: FileRole
    name: str
    url: str
    size: int
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    artefact: str | None = None
    alpha_of: str | None = None

    @property
    def is_result(self) -> bool:
        """Whether the file is a stored result, whose properties are all known."""
        return self.artefact is not None and "/" in self.artefact


@dataclass(frozen=True, slots=True)
class Order:
    """A member's request. None means "not set": the model's default or the catalogue's choice applies.

    `model` is a catalogue id. `seconds` is the length of a video, `count` the number of pictures, `strength` is from 0
    to 1, `background` is `transparent` or a colour `#rrggbb`, and `what` names things to erase. `seeds` has the seed
    of each request (None: a random one) when an order with several requests is run again. `advanced` are inputs that no
    other option fills, by name, with values as typed (see bot/catalogue/advanced.py).
    """

    task: Task
    model: str
    prompt: str | None = None
    prompt_end: str | None = None
    negative: str | None = None
    aspect: str | None = None
    count: int = 1
    seed: int | None = None
    seconds: int | None = None
    resolution: str | None = None
    strength: float | None = None
    format: str | None = None
    style: str | None = None
    background: str | None = None
    what: str | None = None
    text: str | None = None
    voice: str | None = None
    lora: str | None = None
    advanced: tuple[tuple[str, str], ...] | None = None
    seeds: tuple[int | None, ...] | None = None
    files: tuple[InputFile, ...] = field(default_factory=tuple)

    def file(self, slot: str) -> InputFile | None:
        """Return the file in that slot, if there is one."""
        return next((file for file in self.files if file.slot == slot), None)


@dataclass(frozen=True, slots=True)
class OrderWords:
    """The words of an order that people recognize it by. `file` is the name of its first file, empty if none."""

    prompt: str | None
    text: str | None
    what: str | None
    file: str

    @property
    def typed(self) -> str:
        """The text that a member typed, in lower case for searching."""
        return " ".join(filter(None, (self.prompt, self.text, self.what))).lower()


def without_texts(order: Order) -> Order:
    """Return an order without the member's texts and files, but with everything that determines its price."""
    return replace(
        order,
        prompt=None, prompt_end=None, negative=None, style=None, what=None, text=None, voice=None, lora=None,
        advanced=None, files=(),
    )  # fmt: skip


def texts_of(order: Order) -> tuple[str, ...]:
    """Return all texts of an order that a model reads. Prompt rules apply to these."""
    texts = (order.prompt, order.prompt_end, order.negative, order.style, order.what, order.text)
    return tuple(text for text in (*texts, *(value for _, value in order.advanced or ())) if text)
