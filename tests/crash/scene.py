"""Two sandboxes and a bot process that can be killed; tests observe the bot only from outside."""

import asyncio
import base64
import json
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import aiohttp

from bot.cli import sandbox_world
from bot.jobs.checkpoints import Checkpoint
from bot.ledger import queries
from bot.storage.operation import Statement
from bot.storage.postgres import driver as postgres
from bot.storage.sqlite import driver as sqlite
from tests.crash.forked_bot import ForkedBot
from tests.invariants import assert_ledger_is_sound
from tests.new_database import served_in, write_new
from tests.patience import PATIENCE_S
from tests.wire.stage import Answer, Message, Stage, buttons, is_over

ROOT = Path(__file__).parents[2]


class Scene(Stage):
    """A stage whose bot runs in another process: forked, or started through the command `wrapper` if there is one."""

    wrapper: tuple[str, ...] = ()
    process: ForkedBot | asyncio.subprocess.Process

    async def start_bot(self, step: Checkpoint | str | None = None, **changes: object) -> None:
        (self.folder / "settings.json").write_text(json.dumps(self.settings | changes))
        (self.folder / "world.json").write_text(json.dumps(asdict(self.world)))
        self.process = await (self._wrapped() if self.wrapper else ForkedBot.start(self.folder, step))
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while (
                line := await self.process.stdout.readline()
            ) != b"ready\n":  # jobs from before a restart may report steps first
                assert line, (self.folder / "bot.log").read_text()

    async def _wrapped(self) -> asyncio.subprocess.Process:
        command = [*self.wrapper, sys.executable, "-m", "tests.crash.bot", str(self.folder)]
        with (self.folder / "bot.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=log)

    async def open(self) -> None:
        discord, provider = await self.discord.start(), await self.provider.start()
        self._open.push_async_callback(self.discord.stop)
        self._open.push_async_callback(self.provider.stop)
        self.world = sandbox_world.World.of(discord, provider)
        self.http = await self._open.enter_async_context(aiohttp.ClientSession())
        if served_in(self.folder) is None:
            write_new(self.folder / "easel.db")
        self._open.push_async_callback(self._leave)

    async def begin(self, user, name, options, *, files=None) -> str:
        """Send a slash command without waiting for an answer, because the bot may be killed first."""
        sent = {
            option: {"name": file, "base64": base64.b64encode(content).decode()}
            for option, (file, content) in (files or {}).items()
        }
        return await self.begin_interaction(user, "command", name=name, options=options, files=sent)

    async def begin_press(self, user, message, label) -> str:
        """Press the button with that label without waiting for an answer."""
        custom_id = next(one["custom_id"] for one in buttons(message) if one["label"] == label)
        return await self.begin_interaction(user, "component", message_id=message["id"], custom_id=custom_id)

    async def until_running(self, answer: Answer) -> Message:
        """Wait until the provider runs the only job's prediction, and the database knows that; return the card."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.rows("SELECT 1 FROM prediction WHERE provider_id IS NOT NULL"):
                await self.messages(answer.user)
        return await self.message_of(answer)

    async def killed(self) -> None:
        """Wait until the process has killed itself."""
        async with asyncio.timeout(PATIENCE_S):
            assert await self.process.wait() == -signal.SIGKILL, (self.folder / "bot.log").read_text()

    async def stop_bot(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            async with asyncio.timeout(PATIENCE_S):
                await self.process.wait()

    async def _leave(self) -> None:
        await self.stop_bot()

    async def final_message(self, user: str):
        """Wait for the message that shows this person how the job ended, and return it."""
        return await self.until(user, lambda messages: next(filter(is_over, messages), None))

    async def rows(self, sql: str):
        """Run a query on the database while the bot is running."""
        async with self._database() as database:
            return await database.read(lambda: _select(sql))

    async def settled(self):
        """Wait until the only job has ended and its member has been notified; return its state, charge and notice."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while True:
                ((state, captured_mcr, notice),) = await self.rows("SELECT state, captured_mcr, notice FROM job")
                if state in ENDS and notice != "due":
                    return state, captured_mcr, notice
                assert await self.process.stdout.readline(), (self.folder / "bot.log").read_text()

    async def balance_of(self, user: str) -> tuple[int, int, int]:
        async with self._database() as database:
            found = await database.read(lambda: queries.balance(self.world.guild, self.world.members[user]))
        return found.available_mcr, found.held_mcr, found.spent_mcr

    async def check_invariants(self) -> None:
        async with self._database() as database:
            await assert_ledger_is_sound(database)

    @asynccontextmanager
    async def _database(self):
        """Open the database for reading, whether or not the bot is running."""
        served = served_in(self.folder)
        database = await (postgres.open_readonly(served) if served else sqlite.open_readonly(self.folder / "easel.db"))
        try:
            yield database
        finally:
            await database.close()


ENDS = {"done", "failed", "cancelled", "expired", "orphaned", "undelivered"}


def _select(sql):
    return (yield Statement(sql))
