"""A create whose answer comes when the test says so."""

import asyncio


class SlowCreate:
    """Lets the provider start runs at once, but answer only after `answer()`. `asked` is set when a run has started."""

    def __init__(self, provider) -> None:
        self.asked = asyncio.Event()
        self._answered = asyncio.Event()
        self._create = provider.create
        provider.create = self._slowly

    def answer(self) -> None:
        """Let all answers arrive from now on."""
        self._answered.set()

    async def _slowly(self, path, body, **more):
        made = await self._create(path, body, **more)
        self.asked.set()
        await self._answered.wait()
        return made
