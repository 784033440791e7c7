"""Time for wire tests that count what happens in it: it moves only when the test says so, for everyone at once."""

from bot.cli.sandbox_time import SandboxTime
from sandbox.clock import StillClock


class SteppedTime(SandboxTime):
    """The bot's clock, which follows the clock that both sandboxes share.

    Other than `ManualClock`, it does not know when the bot has nothing left to do: a test lets it work between steps.
    """

    def __init__(self) -> None:
        self.sandbox = StillClock()
        super().__init__(self.sandbox)

    def monotonic_s(self) -> float:
        return self.sandbox.now()

    def step(self, seconds: float) -> None:
        """Move the time of the bot and of the sandboxes."""
        self.sandbox.advance(seconds)
