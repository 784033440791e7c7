"""Plans how original files are sent: whole if they fit, otherwise in numbered parts that can be joined again.

The parts of `clip.mp4` are `clip.mp4.001`, `clip.mp4.002` and so on: archive programs join files with such names, and
so do the built-in commands `copy /b` and `cat`. docs/architecture.md explains why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.chat.discord_limits import MESSAGE_FILES
from bot.jobs.records import Artefact


@dataclass(frozen=True, slots=True)
class FilePiece:
    """A piece of a stored file, to be sent under this name: `size` bytes from `start`."""

    artefact: Artefact
    name: str
    start: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether this piece is the whole file."""
        return self.size == self.artefact.size


def pieces(artefact: Artefact, most_bytes: int) -> tuple[FilePiece, ...]:
    """Cut a file into pieces of at most `most_bytes`; one piece with the file's own name if it fits."""
    if artefact.size <= most_bytes:
        return (FilePiece(artefact, artefact.name, 0, artefact.size),)
    starts = range(0, artefact.size, most_bytes)
    return tuple(
        FilePiece(artefact, f"{artefact.name}.{number:03}", start, min(most_bytes, artefact.size - start))
        for number, start in enumerate(starts, 1)
    )


def messages(files: Iterable[FilePiece], most_bytes: int) -> tuple[tuple[FilePiece, ...], ...]:
    """Distribute pieces over messages, in order, so that each has at most ten files and `most_bytes` in total."""
    found: list[list[FilePiece]] = []
    for piece in files:
        if not found or len(found[-1]) == MESSAGE_FILES or _size(found[-1]) + piece.size > most_bytes:
            found.append([])
        found[-1].append(piece)
    return tuple(map(tuple, found))


def cut_files(files: Sequence[FilePiece]) -> tuple[Artefact, ...]:
    """Return the files that were cut into these pieces, except the ones that are sent whole."""
    return tuple(dict.fromkeys(one.artefact for one in files if not one.is_whole))


def _size(files: Sequence[FilePiece]) -> int:
    return sum(one.size for one in files)
