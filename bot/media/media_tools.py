"""Reads, shrinks, previews and labels media files. Each method runs in a worker process."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol, Self, cast

from bot.errors import UnusableFile
from bot.filetype import sniff_file
from bot.media.data_urls import INLINE_BYTES, data_url, room
from bot.media.media_info import Caps, MediaInfo
from bot.media.provenance.credential_records import Credentials, CredentialState, SigningKey
from bot.media.provenance.label_content import Mark
from bot.media.statement_figures import StatementFigures
from bot.storage.operation import Operation


class OperationRunner(Protocol):
    """Performs the operations of `bot.media.decoding.operations` outside this process."""

    async def perform(self, operation: str, arguments: Mapping[str, object], *, name: str) -> object:
        """Perform one operation and return its result. Raises UnusableFile."""
        ...


class StartCounter(Protocol):
    """Remembers on disk which operations have not ended, so that a file that kills the process is refused."""

    def counted(self, subject: str, name: str) -> AbstractAsyncContextManager[None]:
        """Count a start, and remove it at the end. Raises UnusableFile if the subject was started too often."""
        ...

    def sequence(self) -> AbstractAsyncContextManager["CountedSequence"]:
        """Count consecutive operations."""
        ...


class CountedSequence(Protocol):
    """Consecutive operations on one file. The end of each is written together with what comes next."""

    def counted(self, subject: str, name: str) -> AbstractAsyncContextManager[None]:
        """Count a start, as `StartCounter.counted` does."""
        ...

    def ending(self) -> Callable[[], Operation[None]]:
        """Return the operation that records the last end, to be part of a transaction; call `written` after it."""
        ...

    def written(self) -> None:
        """Note that the end of the last operation is on disk."""
        ...


class _Uncounted:
    """A sequence whose starts are not counted."""

    def counted(self, subject: str, name: str) -> AbstractAsyncContextManager[None]:
        del subject, name
        return contextlib.nullcontext()

    def ending(self) -> Callable[[], Operation[None]]:
        return _nothing

    def written(self) -> None:
        return


def _nothing() -> Operation[None]:
    yield from ()


@dataclass(frozen=True, slots=True)
class MediaTools:
    """Operations on media files. All raise UnusableFile for a file that cannot be read or exceeds a limit."""

    runner: OperationRunner
    starts: StartCounter | None = None
    subject: str = ""
    signing: SigningKey | None = None
    follows: CountedSequence | None = None
    """The sequence in which starts are counted, if the operations are consecutive."""

    def counting(self, subject: str) -> Self:
        """Return a copy of these tools that counts each start under `subject`, which identifies a file and its job."""
        return replace(self, subject=subject)

    @contextlib.asynccontextmanager
    async def in_sequence(self, subject: str) -> AsyncGenerator[tuple[Self, CountedSequence]]:
        """Return tools for consecutive operations on this file, and the sequence in which they are counted."""
        if self.starts is None:
            yield self, _Uncounted()
            return
        async with self.starts.sequence() as sequence:
            yield replace(self, subject=subject, follows=sequence), sequence

    async def inspect(self, path: Path, *, caps: Caps | None = None, name: str = "") -> MediaInfo:
        """Inspect a picture, video or audio file. `name` is its display name."""
        found = await self._perform("inspect", {"path": path, "caps": asdict(caps or Caps())}, name or path.name)
        return MediaInfo(**cast("dict[str, object]", found))  # pyright: ignore[reportArgumentType] - undoes asdict

    async def label(self, path: Path, mark: Mark, *, signed: bool = False) -> bool:
        """Write the mark into a file in place. Return False and leave the file unchanged if that is impossible.

        With `signed`, the file also gets content credentials, if the operator has a certificate.
        """
        key = self.signing if signed else None
        signing = {"certificate": str(key.certificate), "key": str(key.key)} if key else None
        try:
            return bool(
                await self._perform("label", {"path": path, "mark": asdict(mark), "signing": signing}, path.name)
            )
        except UnusableFile:  # a failed label must not lose a result
            for suffix in ("labelled", "signed"):
                await asyncio.to_thread(path.with_name(f"{path.name}.{suffix}").unlink, missing_ok=True)
            return False

    async def read_credentials(self, path: Path) -> Credentials:
        """Verify the content credentials of a file; credentials that the library cannot read are invalid."""
        try:
            found = cast("dict[str, str | None]", await self._perform("read_credentials", {"path": path}, path.name))
        except UnusableFile:
            return Credentials(CredentialState.INVALID)
        return Credentials(CredentialState(found["state"]), found["signer"])

    async def preview(self, path: Path, into: Path) -> Path | None:
        """Write a still of an SVG or a video next to `into`, with the suffix of its type; None if none is needed."""
        return _path(await self._perform("preview", {"path": path, "into": into}, path.name))

    async def thumbnail(self, path: Path, into: Path) -> Path | None:
        """Write a picture of a file, at most 256 pixels a side, next to `into`; None if the file has no picture."""
        return _path(await self._perform("thumbnail", {"path": path, "into": into}, path.name))

    async def statement_chart(self, figures: StatementFigures, into: Path, *, cache: Path) -> None:
        """Draw a statement's chart into a PNG; `cache` is a folder for what the drawing library computes once."""
        arguments = {"figures": asdict(figures), "into": into, "cache": cache}
        await self._perform("statement_chart", arguments, into.name)

    async def looks(self, path: Path, into: Path) -> tuple[str, ...]:
        """Return the looks of a picture, or of some frames of a video.

        There are none if it shows nothing that could be compared. `into` is a path for a temporary file.
        """
        return tuple(cast("list[str]", await self._perform("looks", {"path": path, "into": into}, path.name)))

    async def to_fit(self, path: Path, max_bytes: int, into: Path, *, smallest: float = 0.25) -> Path | None:
        """Write a copy of at most `max_bytes` to `into`; the original itself if it fits, None if no good copy does.

        The copy's type may differ from the original's. `smallest` is the smallest scale for pictures.
        """
        arguments = {"path": path, "max_bytes": max_bytes, "into": into, "smallest": smallest}
        return _path(await self._perform("to_fit", arguments, path.name))

    async def on_colour(self, path: Path, colour: str, into: Path) -> None:
        """Write the picture with its transparent parts filled with `colour` (`#rrggbb`), as a PNG."""
        await self._perform("on_colour", {"path": path, "colour": colour, "into": into}, path.name)

    async def alpha_mask(self, path: Path, into: Path, *, name: str = "") -> bool:
        """Write a mask made from a picture's transparency, as a PNG; False if the picture is opaque."""
        return bool(await self._perform("alpha_mask", {"path": path, "into": into}, name or path.name))

    async def invert_mask(self, path: Path, into: Path) -> None:
        """Write the mask with black and white swapped, as a PNG."""
        await self._perform("invert_mask", {"path": path, "into": into}, path.name)

    async def upright(self, path: Path, into: Path, *, name: str = "") -> bool:
        """Write a picture as an upright PNG without an EXIF orientation; False if it has none."""
        return bool(await self._perform("upright", {"path": path, "into": into}, name or path.name))

    async def repair(self, path: Path, into: Path, *, name: str = "") -> bool:
        """Write a copy of a complete picture without the faults that only browsers overlook; False if it has none."""
        return bool(await self._perform("repair", {"path": path, "into": into}, name or path.name))

    async def marks_something(self, path: Path, *, name: str = "") -> bool:
        """Return whether a mask has any part that is not black."""
        return bool(await self._perform("marks_something", {"path": path}, name or path.name))

    async def smaller_data_url(self, path: Path, into: Path, max_bytes: int = INLINE_BYTES) -> str | None:
        """Return a picture as a data: URL, re-encoded and scaled down, at most to half its size, until it fits.

        The change is visible, so this is only for pictures that cannot be linked. Any other file is returned unchanged
        if it fits. None if nothing fits. `into` is a path for the smaller copy.
        """
        exact = await asyncio.to_thread(data_url, path, max_bytes)
        media = await asyncio.to_thread(sniff_file, path) or ""
        space = room(media, max_bytes)
        if exact or not media.startswith("image/") or space <= 0:
            return exact
        try:
            smaller = await self.to_fit(path, space, into, smallest=0.5)
        except UnusableFile:
            return None
        return await asyncio.to_thread(data_url, smaller, max_bytes) if smaller else None

    async def _perform(self, operation: str, arguments: Mapping[str, object], name: str) -> object:
        async with self._counted(operation, name):
            return await self.runner.perform(
                operation, {key: _plain(value) for key, value in arguments.items()}, name=name
            )

    def _counted(self, operation: str, name: str) -> AbstractAsyncContextManager[None]:
        counter = self.follows or self.starts
        if counter is None or not self.subject:
            return contextlib.nullcontext()
        return counter.counted(f"{self.subject}:{operation}", name)


def _plain(value: object) -> object:
    """Return an absolute path, because a worker runs in another directory."""
    return str(value.absolute()) if isinstance(value, Path) else value


def _path(made: object) -> Path | None:
    return Path(made) if isinstance(made, str) else None
