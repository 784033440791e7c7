"""Erases the data of members who asked for it, a few days later. Until then they may change their minds.

Files go first and then, in one transaction, everything else (bot/privacy/erasing.py). A process that is killed in
between continues at its next start, because the request itself is deleted in that transaction.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from bot.clock import Clock
from bot.ledger.pseudonyms import new_pseudonym
from bot.policy.policy import Policy
from bot.preferences.preferences import Preferences
from bot.privacy import erasing
from bot.privacy.pending_scrub import ErasableDatabase, is_due, scrub_if_due
from bot.privacy.treatments import OF_MEMBER
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database, Operation, Statement

DAY_MS = 24 * 60 * 60 * 1_000
WAITS_DAYS = 7
"""How long members may change their mind."""


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Erasure:
    """A member's request to be erased."""

    asked_ms: int
    due_ms: int
    begun: bool = False


class Kept(StrEnum):
    """The outcome of withdrawing a request. The values are text keys."""

    KEPT = "kept"
    NOT_ASKED = "not-asked"
    TOO_LATE = "too-late"


class Erasures:
    """The members who asked to be erased."""

    def __init__(
        self,
        database: ErasableDatabase,
        artefacts: ArtefactStore,
        policy: Policy,
        preferences: Preferences,
        clock: Clock,
    ) -> None:
        self._database = database
        self._artefacts = artefacts
        self._policy = policy
        self._preferences = preferences
        self._clock = clock

    async def ask(self, member: int) -> Erasure:
        """Record that a member wants to be erased; if they asked before, that request stays."""
        at_ms = self._clock.now_ms()
        return await self._database.run(lambda: _ask(member, at_ms))

    async def of(self, member: int) -> Erasure | None:
        """Return a member's request; None if there is none."""
        return await self._database.read(lambda: _of(member))

    async def keep(self, member: int) -> Kept:
        """Withdraw a member's request, unless it is being carried out."""
        return await self._database.run(lambda: _keep(member))

    async def carry_out(self) -> int:
        """Erase the members whose time has come, and return how many were erased. Others wait for their jobs to end."""
        at_ms = self._clock.now_ms()
        done = 0
        for member in await self._database.read(lambda: _due(at_ms)):
            try:
                done += await self._erase(member)
            except Exception as error:  # noqa: BLE001 - one member must not hold up the others
                log.warning("a member's data cannot be erased now: %r", error)
        if await self._database.read(lambda: _blocks_over(at_ms)):
            await self._database.run(lambda: _end_blocks(at_ms))
        await scrub_if_due(self._database)
        return done

    async def _erase(self, member: int) -> bool:
        if await self._database.read(lambda: erasing.waits(OF_MEMBER, member)):
            return False
        at_ms = self._clock.now_ms()
        if not await self._database.run(lambda: _begin(member, at_ms)):
            return False
        texts = await texts_of(self._database, OF_MEMBER, member)
        await remove_files(self._artefacts, texts)
        pseudonym = new_pseudonym()
        erased = await self._database.run(lambda: erasing.erase_member(member, pseudonym, texts, at_ms))
        if erased:
            self._preferences.forget_member(member)
            self._policy.forget()
            log.info("the data of a member with %s jobs is erased", len(texts))
        return erased


async def texts_of(database: Database, whose: str, number: int) -> erasing.Texts:
    """Return the orders and plans of all jobs without texts, page by page, so that no read takes long."""
    found: dict[str, tuple[str, str]] = {}
    while True:
        after = max(found, default="")
        page = await database.read(lambda after=after: erasing.texts(whose, number, after))
        found |= page
        if len(page) < erasing.PAGE:
            return found


async def remove_files(artefacts: ArtefactStore, jobs: Collection[str]) -> None:
    """Remove all files of these jobs, including those without a row."""
    if not jobs:
        return
    for file in await artefacts.list_files():
        if file.name.partition("-")[0] in jobs:
            await artefacts.remove(file.path)


def _ask(member: int, at_ms: int) -> Operation[Erasure]:
    earlier = yield from _of(member)
    if earlier is not None:
        return earlier
    due_ms = at_ms + WAITS_DAYS * DAY_MS
    yield Statement("INSERT INTO erasure (member, asked_ms, due_ms) VALUES ($1, $2, $3)", member, at_ms, due_ms)
    return Erasure(at_ms, due_ms)


def _of(member: int) -> Operation[Erasure | None]:
    rows = yield Statement("SELECT asked_ms, due_ms, begun FROM erasure WHERE member = $1", member)
    if not rows:
        return None
    asked_ms, due_ms, begun = cast("tuple[int, int, int]", rows[0])
    return Erasure(asked_ms, due_ms, bool(begun))


def _keep(member: int) -> Operation[Kept]:
    if (yield Statement("DELETE FROM erasure WHERE member = $1 AND begun = 0 RETURNING member", member)):
        return Kept.KEPT
    return Kept.NOT_ASKED if (yield from _of(member)) is None else Kept.TOO_LATE


def _due(at_ms: int) -> Operation[list[int]]:
    # All of them: members who never stop ordering, and so always have to wait, must not take the places of others.
    rows = yield Statement("SELECT member FROM erasure WHERE due_ms <= $1 ORDER BY due_ms", at_ms)
    return [cast("int", row[0]) for row in rows]


def _begin(member: int, at_ms: int) -> Operation[bool]:
    """Record that files are being removed, after which the request cannot be withdrawn."""
    rows = yield Statement(
        "UPDATE erasure SET begun = 1 WHERE member = $1 AND due_ms <= $2 RETURNING member", member, at_ms
    )
    return bool(rows)


_BLOCKS_OVER = "FROM member_block WHERE case_number = 0 AND until_ms <= $1"
"""Blocks of erased members: once they are over, nothing needs their ids."""


def _blocks_over(at_ms: int) -> Operation[bool]:
    return bool((yield Statement(f"SELECT 1 {_BLOCKS_OVER}", at_ms)))


def _end_blocks(at_ms: int) -> Operation[None]:
    yield Statement(f"DELETE {_BLOCKS_OVER}", at_ms)
    yield from is_due()
