"""The limits of jobs, and how long a run may take. The operator's defaults are in `bot/settings.py`."""

from dataclasses import dataclass

from bot.jobs.waits import SlotLimits
from bot.sizes import MEBIBYTE

SAME_PRESS_MS = 3_000
"""Two presses of the same button by the same member within this time count as one."""

MIN_RUN_LIMIT_S = 600.0
MAX_RUN_LIMIT_S = 35 * 60.0
"""The provider cuts runs off after 30 minutes; the rest allows for its queue and start-up."""

RUN_FACTOR = 5.0
"""A run that takes this many times its typical duration is given up (but never before MIN_RUN_LIMIT_S)."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """The limits of all jobs. Times are in seconds or milliseconds as named, sizes in bytes.

    Fields without a default are set by the operator; `bot.settings.Settings` has their defaults.
    """

    running_per_guild: int
    running_per_member: int
    result_max_bytes: int
    keep_days: int
    """How long the files of a job are kept after it has ended."""
    waiting_s: int = 30 * 60
    """How long a job may wait for a slot before it expires."""
    approval_s: int = 24 * 60 * 60
    """How long a job may wait for a moderator before it expires."""
    card_check_s: int = 20
    """How long after accepting a job Easel looks for its card in Discord, if Discord's answer is still unknown."""
    cancel_grace_s: int = 120
    """How long a run may continue after the provider was asked to stop it."""
    input_max_bytes: int = 100 * MEBIBYTE
    width: int = 16
    """How many jobs a worker handles at a time."""
    drain_s: float = 5.0
    """How long shutdown waits for calls in progress, so that their outcomes are not lost."""

    @property
    def slots(self) -> SlotLimits:
        """How many jobs may run at a time."""
        return SlotLimits(self.running_per_guild, self.running_per_member)


def run_limit_s(typical_s: float) -> float:
    """Return how long a run may take, in seconds, if such runs typically take `typical_s`."""
    return min(max(typical_s * RUN_FACTOR, MIN_RUN_LIMIT_S), MAX_RUN_LIMIT_S)


@dataclass(frozen=True, slots=True)
class Slots:
    """The number of running jobs of a member and of their guild, and the limits for both."""

    members: int
    member_limit: int
    guilds: int
    guild_limit: int

    @property
    def free(self) -> bool:
        """Whether one more job of this member would start at once."""
        return self.members < self.member_limit and self.guilds < self.guild_limit
