"""Prepares a job's results for sending: attaches what fits, makes smaller copies, and links the rest.

A drawing is sent with a picture of it, because Discord does not display SVG, and a video with a still of its first good
frame. Every file made here is labelled with its model and job, as the original is.
"""

import asyncio
import logging
import secrets
import shutil
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Protocol, Self

import discord

from bot.chat.cards.card import Card, CardButton, CardFile, Verb
from bot.chat.delivery.original_parts import FilePiece
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.disk_space import require_room
from bot.errors import EaselError, FilesRemoved
from bot.filetype import HEAD_BYTES, extension, sniff
from bot.jobs.records import Artefact, Snapshot
from bot.media.provenance.label_content import Mark
from bot.private_files import make_folder
from bot.sizes import MEBIBYTE

DEFAULT_LIMIT = 10 * MEBIBYTE
"""The file size in bytes that is allowed everywhere (Discord's reference, "Uploading files")."""

REQUEST_LIMIT = 24 * MEBIBYTE
"""The maximum total size of the files in one request: Discord's 25 MiB, minus space for the rest of the form."""

STILL_LIMIT = 2 * MEBIBYTE
"""The maximum size of a still in bytes. Larger stills are made smaller, so that the results keep their quality."""

LABEL_BYTES = 4_096
"""The space reserved in a smaller copy for its label."""

AT_ONCE_BYTES = MEBIBYTE // 2
"""Files of up to this size are in memory while they are sent."""

PROVIDER_LINK_MS = 50 * 60_000
"""How long the provider's links are offered after a run was seen to have ended.

They work for an hour after the end, and a reader needs some of that time.
"""

DRAWING = "image/svg+xml"

DAY_S = 86_400

log = logging.getLogger(__name__)


class Copies(Protocol):
    """Makes the files that are sent with, or instead of, a result. All methods raise UnusableFile."""

    def counting(self, subject: str) -> Self:
        """Return the same tools, which refuse to decode `subject` again if that has already killed the bot twice."""
        ...

    async def preview(self, path: Path, into: Path) -> Path | None:
        """Write a still of a file next to `into`; None if the file needs none."""
        ...

    async def to_fit(self, path: Path, max_bytes: int, into: Path) -> Path | None:
        """Write a copy of at most `max_bytes` to `into`; the file itself if it fits, None if no good copy does."""
        ...

    async def label(self, path: Path, mark: Mark) -> bool:
        """Write a label into a file that says how it was made; False if that is impossible."""
        ...


class StoredFiles(Protocol):
    """The store of the originals. Its methods raise StorageError."""

    async def size(self, kept: Path | str) -> int | None:
        """Return the size of a stored file; None if it is not in the store."""
        ...

    def on_disk(self, kept: Path | str) -> Path | None:
        """Return the path at which a stored file would be on this machine; None if the store is elsewhere."""
        ...

    async def fetch(self, kept: Path | str, into: Path) -> Path:
        """Return a path at which a stored file can be read: its own, or `into`. Raises FileNotFoundError."""
        ...

    async def fetch_part(self, kept: Path | str, into: Path, *, start: int, size: int) -> None:
        """Copy a part of a stored file to `into`. Raises FileNotFoundError."""
        ...


class OriginalLinks(Protocol):
    """Signed links to stored files, if Easel has a public address."""

    def to(self, path: Path | str, *, life_s: int) -> str:
        """Return a link, valid for `life_s` seconds, to the file at this path in the store."""
        ...


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file to attach: its path, name and alt text. A `spoiler` is hidden until someone presses it."""

    path: Path
    name: str
    alt: str
    spoiler: bool = False

    def open(self) -> discord.File:
        """Open the file for one call; discord.py closes it. A retry needs a newly opened file.

        A small file is read at once: aiohttp asks another thread for each piece of a file on the disk.
        """
        is_small = self.path.stat().st_size <= AT_ONCE_BYTES
        source = BytesIO(self.path.read_bytes()) if is_small else self.path
        return discord.File(source, filename=self.name, description=self.alt, spoiler=self.spoiler)


@dataclass(frozen=True, slots=True)
class PackedMessage:
    """A card with its attachments."""

    card: Card
    attachments: tuple[AttachedFile, ...] = ()

    def with_note(self, note: str) -> "PackedMessage":
        """Return this message with one more line."""
        return replace(self, card=self.card.with_note(note))

    def as_spoiler(self) -> "PackedMessage":
        """Return this message with its files hidden until someone presses them."""
        return replace(self, attachments=tuple(replace(file, spoiler=True) for file in self.attachments))

    def open_files(self) -> list[discord.File]:
        """Open the attachments for one call."""
        return [file.open() for file in self.attachments]


@dataclass(frozen=True, slots=True)
class _Original:
    """A stored result, and the path at which it can be read; None if it is too large for any use but a link."""

    card_file: CardFile
    path: Path | None

    @property
    def artefact(self) -> Artefact:
        return self.card_file.artefact


class MessagePacker:
    """Packs cards and their results into messages within Discord's size limits."""

    def __init__(
        self,
        store: StoredFiles,
        copies: Copies | None,
        links: OriginalLinks | None = None,
        *,
        scratch: Path | None = None,
        now_ms: Callable[[], int] = lambda: 0,
        keep_days: int = 30,
    ) -> None:
        """`store` has the files, which are kept for `keep_days`; `now_ms` returns the local time.

        Copies are made in `scratch`, by default in the system's folder for temporary files. Without `copies`, each
        original is sent unchanged or not at all.
        """
        self._store = store
        self._copies = copies
        self._scratch = scratch
        self._links = links
        self._now_ms = now_ms
        self._keep_days = keep_days

    @contextmanager
    def folder(self) -> Generator[Path]:
        """Provide a folder for the files of one message; it is removed at the end.

        It is only created when something is put into it: most results are sent as they are stored.
        """
        folder = (self._scratch or Path(tempfile.gettempdir())) / f"easel-{secrets.token_hex(8)}"
        try:
            yield folder
        finally:
            if folder.exists():
                shutil.rmtree(folder, ignore_errors=True)

    async def is_kept(self, artefact: Artefact) -> bool:
        """Return whether an original is still stored. Raises StorageError."""
        return await self._store.size(artefact.path) is not None

    async def original(self, artefact: Artefact, folder: Path) -> Path | None:
        """Return a path at which an original can be read, perhaps as a copy in `folder`; None if it is not stored.

        Raises StorageError.
        """
        try:
            return await self._store.fetch(artefact.path, folder / artefact.path.name)
        except FileNotFoundError:
            return None

    async def part(self, piece: FilePiece, folder: Path) -> Path | None:
        """Return a path at which a piece of an original can be read; None if it is not stored. Raises StorageError.

        Messages are sent from files: in memory, the 24 MiB of one message would be the largest thing in the bot's
        process.
        """
        if piece.is_whole:
            return await self.original(piece.artefact, folder)
        into = folder / piece.name
        try:
            await self._store.fetch_part(piece.artefact.path, into, start=piece.start, size=piece.size)
        except FileNotFoundError:
            return None
        return into

    async def pack(
        self, card: Card, snapshot: Snapshot, say: Speech, *, limit: int, folder: Path, originals: Path | None = None
    ) -> PackedMessage:
        """Pack all of a card's results so that each file has at most `limit` bytes. Smaller copies go into `folder`.

        Originals that must be copied to be read go into `originals`, by default the same folder.

        Raises FilesRemoved if the results are no longer stored, and StorageError if they cannot be read now.
        """
        if snapshot.job.has_paid_results and not snapshot.artefacts:
            raise FilesRemoved(days=self._keep_days)
        packed = PackedMessage(card)
        kept: list[_Original] = []
        for card_file in card.files:
            if (original := await self._original_of(card_file, limit, originals or folder)) is not None:
                kept.append(original)
            else:
                log.error("the file %s of job %s is not in the store", card_file.artefact.path, snapshot.job.id)
                packed = packed.with_note(say("no-longer-kept", **_facts(card_file.artefact)))
        stills = [
            await self._still_of(original, snapshot, min(limit, _still_share(kept)), folder / f"still-{number}")
            for number, original in enumerate(kept)
        ]
        # This limit applies to each file. Another one applies to the whole request, and the stills take what they need
        # of it.
        space = REQUEST_LIMIT - sum(still.stat().st_size for still in stills if still is not None)
        shares = fair_shares([min(original.artefact.size, limit) for original in kept], space)
        for number, (original, still, share) in enumerate(zip(kept, stills, shares, strict=True)):
            path = await self._small_enough(original, snapshot, min(limit, share), folder / str(number))
            if still is not None:
                card_file, sent = original.card_file, path is not None
                packed = _with_still(packed, card_file, still, sent=sent, hidden=snapshot.job.spoiler)
            packed = self._with_file(packed, original, path, snapshot, say)
        return packed.as_spoiler() if snapshot.job.spoiler else packed

    async def _original_of(self, card_file: CardFile, limit: int, folder: Path) -> "_Original | None":
        """Return an original; None if it is not stored. One that will only be linked is not fetched."""
        artefact = card_file.artefact
        if artefact.size > limit and (self._copies is None or not limit):
            return _Original(card_file, None) if await self.is_kept(artefact) else None
        path = await self.original(artefact, folder)
        return _Original(card_file, path) if path is not None else None

    def _counted(self, artefact: Artefact) -> Copies | None:
        return self._copies and self._copies.counting(f"{artefact.job}/{artefact.number}")

    async def _still_of(self, original: "_Original", snapshot: Snapshot, limit: int, into: Path) -> Path | None:
        copies, mark = self._counted(original.artefact), mark_of(snapshot, original.artefact)
        if copies is None or original.path is None or not _wants_still(original):
            return None
        try:
            await asyncio.to_thread(make_folder, into.parent)
            return await self._make_still(copies, original.path, mark, limit, into)
        except EaselError as error:
            log.warning("cannot make a still of %s: %s", original.artefact.name, error)
            return None

    async def _make_still(self, copies: Copies, original: Path, mark: Mark, limit: int, into: Path) -> Path | None:
        still = await copies.preview(original, into)
        if still is None or still.stat().st_size > limit - LABEL_BYTES:
            return await _fitted(copies, still, mark, limit, into.with_name(f"{into.name}-small")) if still else None
        await copies.label(still, mark)
        return still

    async def _small_enough(self, original: "_Original", snapshot: Snapshot, limit: int, into: Path) -> Path | None:
        if original.path is None or original.artefact.size <= limit:
            return original.path
        copies, mark = self._counted(original.artefact), mark_of(snapshot, original.artefact)
        if copies is None:
            return None
        try:
            await asyncio.to_thread(make_folder, into.parent)
            await asyncio.to_thread(require_room, into.parent, limit)
            return await _fitted(copies, original.path, mark, limit, into)
        except EaselError as error:
            log.warning("cannot make a smaller copy of %s: %s", original.path.name, error)
            return None

    def _with_file(
        self, packed: PackedMessage, original: "_Original", path: Path | None, snapshot: Snapshot, say: Speech
    ) -> PackedMessage:
        card_file, artefact = original.card_file, original.artefact
        if path is None:
            return self._with_link(packed, card_file, snapshot, say)
        if path == original.path:
            return replace(packed, attachments=(*packed.attachments, AttachedFile(path, artefact.name, card_file.alt)))
        name = f"{Path(artefact.name).stem}.{_extension(path, artefact.media)}"
        packed = replace(packed, attachments=(*packed.attachments, AttachedFile(path, name, card_file.alt)))
        return self._with_way(packed, say("smaller-copy", size=wording.size(artefact.size)), artefact, snapshot, say)

    def _with_link(self, packed: PackedMessage, card_file: CardFile, snapshot: Snapshot, say: Speech) -> PackedMessage:
        artefact = card_file.artefact
        return self._with_way(packed, say("too-large-for-place", **_facts(artefact)), artefact, snapshot, say)

    def _with_way(
        self, packed: PackedMessage, note: str, artefact: Artefact, snapshot: Snapshot, say: Speech
    ) -> PackedMessage:
        """Add a note and a way to the original: one of Easel's links, or a button that sends it in parts."""
        if self._links is not None:
            link = self._links.to(artefact.path, life_s=self._keep_days * DAY_S)
            return packed.with_note(f"{note} {say('get-original', link=link, days=self._keep_days)}")
        ways = [note, say("ask-for-original", button=say("original-button"), days=self._keep_days)]
        if link := _provider_link(snapshot, artefact, self._now_ms()):
            ways.insert(1, say("get-original-soon", link=link))
        button = CardButton(Verb.ORIGINAL, snapshot.job.id, say("original-button"))
        return _with_button(packed.with_note(" ".join(ways)), button)


def _with_button(packed: PackedMessage, button: CardButton) -> PackedMessage:
    """Add a button unless the card already has it."""
    card = packed.card
    return packed if button in card.buttons else replace(packed, card=replace(card, buttons=(*card.buttons, button)))


async def _fitted(copies: Copies, path: Path, mark: Mark, limit: int, into: Path) -> Path | None:
    """Return a labelled copy that fits; None if there is none. Some file types cannot be labelled."""
    fitted = await copies.to_fit(path, max(0, limit - LABEL_BYTES), into)
    if fitted is not None:
        await copies.label(fitted, mark)
    return fitted


def mark_of(snapshot: Snapshot, artefact: Artefact) -> Mark:
    """Return the label that is written into the files of a result."""
    return Mark(snapshot.job.order.model, artefact.job, snapshot.job.short_id)


def lower_limit(limit: int, shrinks: int) -> int:
    """Return the limit to try after Discord answered "too large" `shrinks` times; finally 0, so that only links fit."""
    if shrinks == 0:
        return limit
    if shrinks > 1:
        return 0
    return DEFAULT_LIMIT if limit > DEFAULT_LIMIT else limit // 2


def fair_shares(sizes: Sequence[int], space: int) -> list[int]:
    """Return how many bytes each file may have so that all fit into `space`: what it needs, or an equal share.

    Large files also get what small ones leave of their shares, so only the largest are made smaller.
    """
    shares = [0] * len(sizes)
    smallest_first = sorted(range(len(sizes)), key=lambda index: sizes[index])
    for done, index in enumerate(smallest_first):
        equal = max(0, space) // (len(sizes) - done)
        shares[index] = min(sizes[index], equal)
        space -= shares[index]
    return shares


def _still_share(files: Sequence[_Original]) -> int:
    """Return how large each still may be: together no more than a quarter of the request."""
    return min(STILL_LIMIT, REQUEST_LIMIT // 4 // max(1, sum(map(_wants_still, files))))


def _facts(artefact: Artefact) -> dict[str, str]:
    return {"name": plain(artefact.name), "size": wording.size(artefact.size)}


def _wants_still(original: _Original) -> bool:
    return original.artefact.media == DRAWING or original.artefact.media.startswith("video/")


def _with_still(packed: PackedMessage, card_file: CardFile, still: Path, *, sent: bool, hidden: bool) -> PackedMessage:
    """Add a still: of a drawing, as an attachment before it; of a video, in the card's embed.

    The embed shows the still as a thumbnail, or large if the video itself is not `sent`. Discord shows an attachment
    that an embed refers to only inside that embed, so the video must stay unreferenced to be playable. Embeds cannot
    hide anything, so the still of a `hidden` video is an attachment, and it is left out if the video is sent.
    """
    if hidden and sent and card_file.artefact.media != DRAWING:
        return packed
    name = f"{Path(card_file.artefact.name).stem}-preview.{_extension(still, 'image/png')}"
    packed = replace(packed, attachments=(*packed.attachments, AttachedFile(still, name, card_file.alt)))
    if card_file.artefact.media == DRAWING or packed.card.embed is None or hidden:
        return packed
    embed, url = packed.card.embed.copy(), f"attachment://{name}"
    return replace(
        packed, card=replace(packed.card, embed=embed.set_thumbnail(url=url) if sent else embed.set_image(url=url))
    )


def _extension(path: Path, otherwise: str) -> str:
    with path.open("rb") as file:
        return extension(sniff(file.read(HEAD_BYTES)) or otherwise)


def _provider_link(snapshot: Snapshot, artefact: Artefact, now_ms: int) -> str | None:
    """Return the provider's link to a result; None if it has expired or may be that of another result."""
    run = next((run for run in snapshot.predictions if run.number == artefact.prediction), None)
    mine = [one for one in snapshot.artefacts if one.prediction == artefact.prediction]
    # Its `completed_ms` comes from the provider's clock and time zone, which may be wrong by hours.
    if run is None or len(run.outputs) != len(mine) or (run.polled_ms or 0) + PROVIDER_LINK_MS < now_ms:
        return None
    url = run.outputs[mine.index(artefact)]
    return url if url.startswith(("https://", "http://")) and ")" not in url else None
