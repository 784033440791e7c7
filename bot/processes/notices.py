"""What the processes of one bot tell each other. A notice may be lost, so nothing depends on one alone."""

from collections.abc import Callable
from typing import Protocol

CHANNEL = "easel"
"""What a server calls the way of all notices. Each is sent as its topic, a colon and its text."""

GUILD = "guild"
"""What a guild has decided may have changed: its rules, settings or preferences. The text is its id."""

JOBS = "jobs"
"""Something is to be done about a job: see `bot.jobs.engine.wakeups`. Without a text, it may be about any of them."""

RUN = "run"
"""The provider said by a webhook that a run has ended. The text is its id there."""

CARDS = "cards"
"""Cards may be editable that were not before. The text is their guild and channel, which is 0 for all."""

LEFT, JOINED = "left", "joined"
"""A guild has removed or added the bot. The text is its id."""

SHARDS = "shards"
"""Who holds which shard has changed, or a shard is connected that somebody takes over."""

LIMIT = "limit"
"""Discord limits all calls with the bot's token. The text is for how many seconds."""

DRAIN = "drain"
"""Somebody wants all processes to accept no new orders, or to accept them again."""

DUTY = "duty"
"""There is something to do for a duty, which one process has. The text is the duty's name."""


Handler = Callable[[str], None]
"""Called with a notice's text. It must not wait."""


class Notices(Protocol):
    """Tells the other processes, and listens to them."""

    def tell(self, topic: str, text: str = "") -> None:
        """Tell the other processes something. It never waits and never fails, and may be lost."""
        ...

    def listen(self, topic: str, handler: Handler) -> None:
        """Call `handler` with each text of this topic that another process tells.

        An empty text means that notices may have been lost: anything may have changed.
        """
        ...


class NoNotices:
    """The notices of a single process: there is nobody to tell."""

    def tell(self, topic: str, text: str = "") -> None:
        """Do nothing."""

    def listen(self, topic: str, handler: Handler) -> None:
        """Do nothing."""
