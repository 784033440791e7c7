"""The progress of a guild's setup: the steps, and the table `guild_setup`.

Settings made in the steps are stored in the same way as those made with commands; only the step that an admin saw last
is stored here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from bot.clock import Clock
from bot.storage.operation import Database, Operation, Statement


class SetupStep(StrEnum):
    """The steps of the setup, in their order. The values are stored, and part of `custom_id`s and texts' keys."""

    CHANNELS = "channels"
    PAYER = "payer"
    ALLOWANCE = "allowance"
    BUDGET = "budget"
    LOG = "log"
    LANGUAGE = "language"
    SUMMARY = "summary"

    @property
    def number(self) -> int:
        """The number of the step, from 1."""
        return list(SetupStep).index(self) + 1

    @property
    def previous(self) -> "SetupStep | None":
        """The step before this one; None for the first."""
        return list(SetupStep)[self.number - 2] if self.number > 1 else None

    @property
    def following(self) -> "SetupStep | None":
        """The step after this one; None for the last."""
        return list(SetupStep)[self.number] if self is not SetupStep.SUMMARY else None


QUESTIONS = len(SetupStep) - 1
"""How many steps ask a question."""


@dataclass(frozen=True, slots=True)
class SetupPlace:
    """The step of a guild's setup that was seen last, and by whom."""

    step: SetupStep
    actor: int


class SetupProgress:
    """Remembers how far guilds have got, and which of them were offered the setup."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, guild: int) -> SetupPlace | None:
        """Return how far a guild has got; None if nobody has begun."""
        return await self._database.read(lambda: _of(guild))

    async def reached(self, guild: int, step: SetupStep, *, by: int) -> None:
        """Remember the step that an admin sees now."""
        at_ms = self._clock.now_ms()
        await self._database.run(lambda: _reached(guild, step, by, at_ms))

    async def take_offer(self, guild: int) -> bool:
        """Return whether the setup is to be offered now: once per guild, to whoever asks first."""
        at_ms = self._clock.now_ms()
        if await self._database.read(lambda: _is_known(guild)):
            return False
        return await self._database.run(lambda: _take_offer(guild, at_ms))


def _of(guild: int) -> Operation[SetupPlace | None]:
    rows = yield Statement("SELECT step, actor FROM guild_setup WHERE guild = $1 AND step <> ''", guild)
    return SetupPlace(SetupStep(cast("str", rows[0][0])), cast("int", rows[0][1])) if rows else None


def _reached(guild: int, step: SetupStep, actor: int, at_ms: int) -> Operation[None]:
    yield Statement(
        "INSERT INTO guild_setup (guild, step, actor, at_ms) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (guild) DO UPDATE SET step = $2, actor = $3, at_ms = $4",
        *(guild, step, actor, at_ms),
    )


def _is_known(guild: int) -> Operation[bool]:
    rows = yield Statement("SELECT 1 FROM guild_setup WHERE guild = $1", guild)
    return bool(rows)


def _take_offer(guild: int, at_ms: int) -> Operation[bool]:
    rows = yield Statement(
        "INSERT INTO guild_setup (guild, at_ms) VALUES ($1, $2) ON CONFLICT (guild) DO NOTHING RETURNING guild",
        *(guild, at_ms),
    )
    return bool(rows)
