"""Messages between the processes of one bot. A notice may be lost, so nothing depends on one alone."""

from collections.abc import Callable
from typing import Protocol

CHANNEL = "easel"
"""The name of the channel for all notices on the server. A notice is sent as its topic, a colon and its text."""

GUILD = "guild"
"""A guild's decisions may have changed: its rules, settings or preferences. The text is the guild's id."""

JOBS = "jobs"
"""A job is due: see `bot.jobs.engine.wakeups`. Without text, it may be any job."""

RUN = "run"
"""A webhook of the provider reported the end of a run. The text is the run's id at the provider."""

CARDS = "cards"
"""Cards that could not be edited may be editable now. The text is their guild and channel; channel 0 means all."""

LEFT, JOINED = "left", "joined"
"""A guild has removed or added the bot. The text is the guild's id."""

SHARDS = "shards"
"""Another process holds a shard now, or a shard that a process is taking over is connected."""

LIMIT = "limit"
"""Discord limits all calls with the bot's token. The text is the number of seconds."""

DRAIN = "drain"
"""All processes are asked to refuse new orders, or to accept them again."""

DUTY = "duty"
"""A duty, which one process has, is due. The text is the name of the duty."""


Handler = Callable[[str], None]
"""A function that is called with a notice's text. It must not wait."""


class Notices(Protocol):
    """Sends notices to the other processes, and receives theirs."""

    def tell(self, topic: str, text: str = "") -> None:
        """Send a notice to the other processes. This never waits and never fails, but the notice may be lost."""
        ...

    def listen(self, topic: str, handler: Handler) -> None:
        """Call `handler` with the text of each notice with this topic from another process.

        An empty text means that notices may have been lost, so anything may have changed.
        """
        ...


class NoNotices:
    """The notices of a single process, which has no others to notify."""

    def tell(self, topic: str, text: str = "") -> None:
        """Do nothing."""

    def listen(self, topic: str, handler: Handler) -> None:
        """Do nothing."""
