"""A bot whose responses the test scripts."""

import asyncio

from sandbox.discord.world.event_bus import InteractionDispatched
from tests.patience import PATIENCE_S
from tests.sandbox.discord.sandbox_client import Question, SandboxClient


class ScriptedBot:
    def __init__(self, sandbox: SandboxClient) -> None:
        self.sandbox = sandbox
        self.base = sandbox.base
        self._interactions: asyncio.Queue = asyncio.Queue()
        sandbox.server.hub.listen(self._note)

    def _note(self, happening) -> None:
        if isinstance(happening, InteractionDispatched):
            self._interactions.put_nowait(happening.interaction)

    async def next(self) -> tuple[Question, dict]:
        """Wait for the next interaction; return it and its data."""
        interaction = await asyncio.wait_for(self._interactions.get(), PATIENCE_S)
        return Question(self.sandbox, str(interaction.id)), interaction.data

    async def say(self, *, files=None, **message):
        """Post in #studio; if that is rate-limited, advance the sandbox's clock and try again."""
        path = f"/channels/{self.sandbox.channel('studio')}/messages"
        answer = await self.sandbox.call("POST", path, message, files=files)
        if answer.status == 429:
            self.sandbox.server.clock.advance(answer.body["retry_after"])
            answer = await self.sandbox.call("POST", path, message, files=files)
        assert answer.status == 200, answer.body
        return answer.body
