"""How much and how long: the numbers that an operator may set, and those that follow from Discord and the provider."""

from dataclasses import dataclass

RUN_LEAST_S = 600.0
RUN_MOST_S = 35 * 60.0
"""The provider cuts runs off after 30 minutes; the rest is its queue and start-up."""

RUN_FACTOR = 5.0
"""A run that takes this many times its usual length is given up (but never before RUN_LEAST_S)."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """What holds for all jobs. Times in seconds or milliseconds as named, sizes in bytes."""

    running_per_guild: int = 8
    running_per_member: int = 3
    waiting_s: int = 30 * 60
    """How long a job may wait for its turn before it expires."""
    answer_within_ms: int = 2_500
    """An older interaction is refused: Discord gives 3 seconds, and our answer must still travel."""
    card_check_s: int = 20
    """An accepted job of which nothing is heard for so long is looked for in Discord."""
    card_most_s: int = 15 * 60
    """The life of an interaction token: after it nothing can be learned from Discord any more."""
    cancel_grace_s: int = 120
    """How long a run may still go on after its cancelling was asked for."""
    input_max_bytes: int = 100 * 1024 * 1024
    result_max_bytes: int = 512 * 1024 * 1024
    keep_days: int = 30
    """How long results are kept in our store after their job ended."""
    width: int = 16
    """How many jobs a worker handles at a time."""
    drain_s: float = 8.0
    """How long a stop waits for calls under way, so that their outcomes are known."""


def run_limit_s(typical_s: float) -> float:
    """How long a run may take that usually takes this long."""
    return min(max(typical_s * RUN_FACTOR, RUN_LEAST_S), RUN_MOST_S)


@dataclass(frozen=True, slots=True)
class Slots:
    """How many jobs run of those that may at a time: a member's, and their guild's."""

    members: int
    members_most: int
    guilds: int
    guilds_most: int

    @property
    def free(self) -> bool:
        """Whether one more of this member's would start at once."""
        return self.members < self.members_most and self.guilds < self.guilds_most
