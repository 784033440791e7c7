"""The contents of lists of jobs: pages of whole jobs, and lines with the few facts that a choice or a search needs."""

from dataclasses import dataclass

from bot.catalogue.order import OrderWords, Task
from bot.jobs.records import Artefact, Rung, Snapshot, State, Visibility, Visible


@dataclass(frozen=True, slots=True)
class JobLine(Visible):
    """A job as one line of a list shows it. The fields mean the same as those of Job."""

    id: str
    short_id: str
    guild: int
    channel: int
    member: int
    state: State
    captured_mcr: int
    task: Task
    model: str
    words: OrderWords
    visibility: Visibility
    shown_by: Rung | None
    removed_by: int
    taken_down: int


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A job and its results that are in our store."""

    line: JobLine
    artefacts: tuple[Artefact, ...]


@dataclass(frozen=True, slots=True)
class AskedPage:
    """The requested page of a list and its size in jobs. With `last`, a page after the end becomes the last one."""

    number: int
    size: int
    last: bool = False

    def of(self, count: int) -> "Cut":
        """Return which of `count` jobs are on the page."""
        pages = -(-count // self.size)
        number = min(max(self.number, 1), pages) if self.last else self.number
        begin = (number - 1) * self.size
        return Cut(number, pages, slice(begin, begin + self.size) if 1 <= number <= pages else slice(0))


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a list that is on a page; empty if there is no such page."""

    number: int
    pages: int
    part: slice


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of a list of `count` jobs. A page that does not exist shows nothing."""

    count: int
    number: int
    pages: int
    shown: tuple[Snapshot, ...]

    @property
    def exists(self) -> bool:
        """Whether the list has such a page."""
        return 1 <= self.number <= self.pages
