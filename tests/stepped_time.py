"""Time for wire tests that count events: it moves only when the test says so, for everyone at once."""

from bot.cli.sandbox_time import SandboxTime
from sandbox.clock import StillClock


class SteppedTime(SandboxTime):
    """The bot's clock, which follows the clock that both sandboxes share.

    Unlike `ManualClock`, it does not know when the bot has nothing left to do, so tests let the bot work between steps.
    """

    def __init__(self) -> None:
        self.sandbox = StillClock()
        super().__init__(self.sandbox)

    def monotonic_s(self) -> float:
        return self.sandbox.now()

    def step(self, seconds: float) -> None:
        """Advance the time of the bot and of the sandboxes."""
        self.sandbox.advance(seconds)
