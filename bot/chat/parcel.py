"""Makes a job's results ready to be sent: small enough for the place, or said plainly where that cannot be."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import discord

from bot.chat import wording
from bot.chat.cards import Card, Enclosure
from bot.chat.escape import plain
from bot.chat.texts.loader import Speech
from bot.errors import EaselError
from bot.filetype import HEAD_BYTES, extension, sniff
from bot.jobs.records import Snapshot
from bot.storage.links import FileLinks

MIB = 1 << 20
DEFAULT_LIMIT = 10 * MIB
"""What every place takes, in bytes a file (Discord's reference, "Uploading files")."""

REQUEST_LIMIT = 24 * MIB
"""All files of one request together: Discord's 25 MiB, less room for the rest of the form."""

DAY_S = 86_400
LINK_S = 7 * DAY_S
"""How long our own link to a result works."""

Fit = Callable[[Path, int, Path], Path | None]
"""Make a copy of a file of at most so many bytes at the third path; None where that cannot be. Blocks."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file to attach: where it lies, what it is called, and what it shows."""

    path: Path
    name: str
    alt: str

    def file(self) -> discord.File:
        """Open it for one call; discord.py closes it."""
        return discord.File(self.path, filename=self.name, description=self.alt)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A card with the files that go with it. `complete` is False where a result could be neither sent nor linked."""

    card: Card
    sheets: tuple[Sheet, ...] = ()
    complete: bool = True

    def files(self) -> list[discord.File]:
        """Open the files for one call."""
        return [sheet.file() for sheet in self.sheets]


class Packer:
    """Packs cards for places with limits."""

    def __init__(self, locate: Callable[[Path], Path], fit: Fit, links: FileLinks | None = None) -> None:
        """`locate` gives the place on disk of a kept file; `links` links it, where the world can reach us."""
        self._locate = locate
        self._fit = fit
        self._links = links

    async def pack(self, card: Card, snapshot: Snapshot, say: Speech, *, limit: int, folder: Path) -> Parcel:
        """Pack all of a card's results so that each has at most `limit` bytes. Smaller copies go into `folder`."""
        parcel = Parcel(card)
        share = min(limit, REQUEST_LIMIT // max(1, len(card.enclosures)))
        for number, enclosure in enumerate(card.enclosures):
            if not await asyncio.to_thread(self._locate(enclosure.artefact.path).is_file):
                log.error("%s of job %s is not in the store", enclosure.artefact.path, snapshot.job.id)
                parcel = replace(parcel, card=parcel.card.noting(say("no-longer-kept", **_facts(enclosure))))
            elif path := await self._small_enough(enclosure, share, folder / str(number)):
                parcel = _with(parcel, enclosure, path, say)
            else:
                parcel = self._without(parcel, enclosure, snapshot, say)
        return parcel

    def _without(self, parcel: Parcel, enclosure: Enclosure, snapshot: Snapshot, say: Speech) -> Parcel:
        """Link what cannot be sent: by ourselves where the world can reach us, else at the provider's."""
        facts = _facts(enclosure)
        if self._links is not None:
            link = self._links.to(enclosure.artefact.path, life_s=LINK_S)
            note = say("too-large-own-link", link=link, days=LINK_S // DAY_S, **facts)
        elif link := _providers_link(snapshot, enclosure):
            note = say("too-large-link", link=link, **facts)
        else:
            note = say("too-large", **facts)
        return replace(parcel, card=parcel.card.noting(note), complete=parcel.complete and bool(link))

    async def _small_enough(self, enclosure: Enclosure, limit: int, into: Path) -> Path | None:
        original = self._locate(enclosure.artefact.path)
        if enclosure.artefact.size <= limit:
            return original
        try:
            return await asyncio.to_thread(self._fit, original, limit, into)
        except EaselError as error:
            log.warning("no smaller copy of %s: %s", original.name, error)
            return None


def lower(limit: int, shrinks: int) -> int:
    """The limit to try after a place said "too large" so many times; at last nothing fits but a link."""
    if shrinks == 0:
        return limit
    if shrinks > 1:
        return 0
    return DEFAULT_LIMIT if limit > DEFAULT_LIMIT else limit // 2


def _with(parcel: Parcel, enclosure: Enclosure, path: Path, say: Speech) -> Parcel:
    artefact = enclosure.artefact
    if path.name == artefact.path.name:
        return replace(parcel, sheets=(*parcel.sheets, Sheet(path, artefact.name, enclosure.alt)))
    with path.open("rb") as copy:
        media = sniff(copy.read(HEAD_BYTES)) or artefact.media
    name = f"{Path(artefact.name).stem}.{extension(media)}"
    card = parcel.card.noting(say("smaller-copy", size=wording.size(artefact.size)))
    return replace(parcel, card=card, sheets=(*parcel.sheets, Sheet(path, name, enclosure.alt)))


def _facts(enclosure: Enclosure) -> dict[str, str]:
    return {"name": plain(enclosure.artefact.name), "size": wording.size(enclosure.artefact.size)}


def _providers_link(snapshot: Snapshot, enclosure: Enclosure) -> str | None:
    """The provider's own link, where this result is the only one of its run: it lives for about an hour."""
    artefact = enclosure.artefact
    run = next((run for run in snapshot.predictions if run.number == artefact.prediction), None)
    mine = [one for one in snapshot.artefacts if one.prediction == artefact.prediction]
    if run is None or len(run.outputs) != len(mine):
        return None
    url = run.outputs[mine.index(artefact)]
    return url if url.startswith(("https://", "http://")) and ")" not in url else None
