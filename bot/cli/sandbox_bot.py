"""The bot in the built-in sandbox, which its page can restart."""

import asyncio

from bot.app.app import App
from bot.cli.sandbox_world import PROVIDER_NAME
from bot.clock import MachineClock
from bot.settings import Settings


class SandboxBot:
    """A bot that is stopped and started again in the same process when the sandbox asks for it."""

    def __init__(self) -> None:
        self._requests = asyncio.Queue[asyncio.Future[None]]()
        self._settings: Settings
        self._clock: MachineClock
        self.app: App

    async def start(self, settings: Settings, clock: MachineClock) -> None:
        """Start the bot. Raises what `App.start` raises."""
        self._settings, self._clock = settings, clock
        self.app = await App.start(settings, provider_name=PROVIDER_NAME, clock=clock)

    async def stop(self) -> None:
        """Stop the bot."""
        await self.app.stop()

    async def restart(self) -> None:
        """Ask the task that waits for the bot to restart it, and return when the bot is back."""
        restarted = asyncio.get_running_loop().create_future()
        await self._requests.put(restarted)
        await restarted

    async def wait(self) -> None:
        """Wait until the connection to Discord ends for good, and restart the bot whenever the sandbox asks for it.

        Raises SettingsError if Discord ended the connection.
        """
        while (restarted := await self._requested()) is not None:
            try:
                await self.app.stop()
                await self.start(self._settings, self._clock)
            finally:
                if not restarted.done():  # the page may be gone
                    restarted.set_result(None)

    async def _requested(self) -> asyncio.Future[None] | None:
        """Return the next request for a restart; None if the connection ends first."""
        ended = asyncio.create_task(self.app.wait())
        request = asyncio.create_task(self._requests.get())
        try:
            await asyncio.wait({ended, request}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                await ended
                return None
            return request.result()
        finally:
            ended.cancel()
            request.cancel()
