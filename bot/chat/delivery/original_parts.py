"""Plans how original files are sent: whole if they fit, else in numbered parts that can be joined again.

The parts of `clip.mp4` are `clip.mp4.001`, `clip.mp4.002` and so on: archive programs join files with such names, and
`copy /b` and `cat` do it without any program. docs/architecture.md says why not otherwise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.chat.discord_limits import MESSAGE_FILES
from bot.disk_space import require_room
from bot.jobs.records import Artefact
from bot.sizes import MEBIBYTE

BLOCK_BYTES = MEBIBYTE


@dataclass(frozen=True, slots=True)
class FilePiece:
    """A piece of a stored file, to be sent under this name: bytes from `start`, `size` of them."""

    artefact: Artefact
    name: str
    start: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole file."""
        return self.size == self.artefact.size

    def cut_from(self, path: Path, folder: Path) -> Path:
        """Copy a part into a file of its own; a whole file is used as it is. Blocking. Raises StorageError.

        A message is sent from files: in memory, its 24 MiB would be the largest thing in the bot's process.
        """
        if self.is_whole:
            return path
        require_room(folder, self.size)
        into = folder / self.name
        with path.open("rb") as file, into.open("wb") as part:
            file.seek(self.start)
            for size in _blocks(self.size):
                part.write(file.read(size))
        return into


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
    """Distribute pieces over messages, in order, so that each has at most ten files and `most_bytes` together."""
    found: list[list[FilePiece]] = []
    for piece in files:
        if not found or len(found[-1]) == MESSAGE_FILES or _size(found[-1]) + piece.size > most_bytes:
            found.append([])
        found[-1].append(piece)
    return tuple(map(tuple, found))


def cut_files(files: Sequence[FilePiece]) -> tuple[Artefact, ...]:
    """Return the files of which these are parts, without those that are whole."""
    return tuple(dict.fromkeys(one.artefact for one in files if not one.is_whole))


def _blocks(size: int) -> Iterator[int]:
    """Yield the sizes of the blocks in which so many bytes are copied."""
    while size > 0:
        yield min(size, BLOCK_BYTES)
        size -= BLOCK_BYTES


def _size(files: Sequence[FilePiece]) -> int:
    return sum(one.size for one in files)
