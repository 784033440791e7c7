"""An order: what a member asked for, parsed and typed, before any decision."""

from dataclasses import dataclass, field
from enum import StrEnum


class Task(StrEnum):
    """What a model can be asked to do."""

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


class Role(StrEnum):
    """What a file of an order is for."""

    IMAGE = "image"
    MASK = "mask"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    REFERENCE = "reference"
    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that comes with an order, as its metadata tells: nothing of it has been read yet.

    `slot` names it within the order (`image`, `image2`, `reference3`); `role` says what it is for. Sizes are bytes,
    sides pixels, lengths milliseconds. `artefact` names a result of ours (`<job id>/<number>`), or a file that a job of
    ours was given (`<job id>:<slot>`), where it is one. `alpha_of` is the slot of the picture whose transparent parts
    make this mask: it has no file of its own.
    """

    slot: str
    role: Role
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
        """Whether it is a result of ours, of which we know everything."""
        return self.artefact is not None and "/" in self.artefact


@dataclass(frozen=True, slots=True)
class Order:
    """What a member asked for. None is "not said": the model's own default, or the catalogue's choice, holds.

    `model` is an id of the catalogue. `seconds` is the length of a video; `count` the number of pictures;
    `strength` runs from 0 to 1; `background` is `transparent` or a colour `#rrggbb`; `what` names things to erase.
    `seeds` names the seed of each request, where an order is run again that needed several (None: a random one).
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
    seeds: tuple[int | None, ...] | None = None
    files: tuple[InputFile, ...] = field(default_factory=tuple)

    def file(self, slot: str) -> InputFile | None:
        """The file in that slot, if the order has one."""
        return next((file for file in self.files if file.slot == slot), None)

    def files_for(self, role: Role) -> tuple[InputFile, ...]:
        """The files given for that role, in the order they were given."""
        return tuple(file for file in self.files if file.role == role)
