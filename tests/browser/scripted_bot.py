"""A bot whose responses the test scripts."""

import asyncio

from sandbox.discord.world.event_bus import InteractionDispatched
from tests.sandbox.discord.sandbox_client import Driver, Question


class ScriptedBot:
    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.base = driver.base
        self._asked: asyncio.Queue = asyncio.Queue()
        driver.server.hub.listen(self._note)

    def _note(self, happening) -> None:
        if isinstance(happening, InteractionDispatched):
            self._asked.put_nowait(happening.interaction)

    async def next(self) -> tuple[Question, dict]:
        """The next interaction: how to answer it, and its data."""
        interaction = await asyncio.wait_for(self._asked.get(), 10)
        return Question(self.driver, str(interaction.id)), interaction.data

    async def say(self, *, files=None, **message):
        """Post in #studio; where that is too fast, the sandbox's clock waits."""
        path = f"/channels/{self.driver.channel('studio')}/messages"
        answer = await self.driver.call("POST", path, message, files=files)
        if answer.status == 429:
            self.driver.server.clock.advance(answer.body["retry_after"])
            answer = await self.driver.call("POST", path, message, files=files)
        assert answer.status == 200, answer.body
        return answer.body
