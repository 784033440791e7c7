"""Several processes of one bot on one PostgreSQL database; tests observe them only from outside."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import asyncpg
from cryptography.fernet import Fernet

from bot.jobs.checkpoints import Checkpoint
from tests.crash.forked_bot import ForkedBot
from tests.crash.scene import ENDS, Scene
from tests.new_database import ADDRESS_FILE
from tests.patience import PATIENCE_S

IDENTIFY_MARGIN = 1.05
"""The ratio of the bot's window to Discord's, which are 5.25 s and 5 s."""

MOVED_S = 15.0
"""Other processes take over the work of a dead one within this time, in real seconds."""

WATCHED = ("job", "prediction", "process", "shard", "log_entry")
"""The tables whose changes a test may wait for."""

TELLING = """
CREATE FUNCTION tell_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY test; RETURN NULL; END $$
"""


class Member:
    """One process: its output, and ways to end it."""

    def __init__(self, name: str, folder: Path, process: ForkedBot) -> None:
        self.name = name
        self.log = folder / "bot.log"
        self.token = 0
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.returncode is None

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    async def until_printed(self, word: str) -> None:
        """Wait until the process has printed this word; fail if it ends before that."""
        async with asyncio.timeout(PATIENCE_S):
            while (line := await self._process.stdout.readline()) != f"{word}\n".encode():
                assert line, f"{self.name} ended before it printed {word}:\n{self.log.read_text()}"
                name, _, number = line.decode().strip().partition(" ")
                self.token = int(number) if name == "token" else self.token

    async def ended(self) -> int:
        """Wait until the process has ended, and return its exit code."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._process.wait()

    async def stop(self) -> int:
        """Ask the process to stop, and wait until it has ended."""
        if self.runs:
            self._process.terminate()
        return await self.ended()


class Company(Scene):
    """A stage with any number of gateway and worker processes. They share a folder for files."""

    def __init__(self, folder: Path, database_url: str, **options: Any) -> None:
        super().__init__(folder, **options)
        self._url = database_url
        (folder / ADDRESS_FILE).write_text(database_url)
        self._key = Fernet.generate_key().decode()
        self.members: list[Member] = []
        self._changed = asyncio.Event()
        self._connection: asyncpg.Connection
        self._turn = asyncio.Lock()
        """Held by the task whose query the connection is answering: it cannot answer two at the same time."""

    async def open(self) -> None:
        await super().open()
        self._connection = connection = await asyncpg.connect(self._url)
        self._open.push_async_callback(connection.close)
        await connection.execute(TELLING)
        for table in WATCHED:
            await connection.execute(
                f"CREATE TRIGGER tell_test AFTER INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION tell_test()"
            )
        await connection.add_listener("test", lambda *_: self._changed.set())

    async def start(self, role: str, step: Checkpoint | None = None, **more: object) -> Member:
        """Start a process, and return it once it reports that it is ready."""
        member = await self.begin_start(role, step, **more)
        await member.until_printed("ready")
        return member

    async def begin_start(self, role: str, step: Checkpoint | None = None, **more: object) -> Member:
        """Start a process without waiting for anything."""
        name = f"{role}-{len(self.members)}"
        own = self.folder / name
        own.mkdir()
        shared = {
            "role": role,
            "database_url": self._url,
            "secret_key": self._key,
            "data_dir": str(self.folder / "data"),
            "identify_window_s": self.discord._gateway._starts.limits.identify_s * IDENTIFY_MARGIN,
            **more,
        }
        (own / "settings.json").write_text(json.dumps(self.settings | {"shared": shared}))
        (own / "world.json").write_text(json.dumps(asdict(self.world)))
        self.members.append(Member(name, own, await ForkedBot.start(own, step)))
        return self.members[-1]

    async def rows(self, sql: str) -> list[Mapping[str, Any]]:
        async with self._turn:
            return await self._connection.fetch(sql)

    async def until_rows(self, sql: str, wanted: object, *, within_s: float = PATIENCE_S) -> None:
        """Wait until a query returns these rows."""
        found: object = None
        try:
            async with asyncio.timeout(within_s):
                while True:
                    self._changed.clear()
                    if (found := [tuple(row.values()) for row in await self.rows(sql)]) == wanted:
                        return
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {within_s} s: {found}\n{self.logs()}") from None

    async def until_holds(self, member: Member, shards: list[int], *, within_s: float = PATIENCE_S) -> None:
        """Wait until a gateway process holds these shards, and no others."""
        held = f"SELECT number FROM shard WHERE holder = {member.token} ORDER BY number"
        await self.until_rows(held, [(shard,) for shard in shards], within_s=within_s)

    async def holder(self) -> Member:
        """Return the process that holds the first job."""
        ((token,),) = await self.rows("SELECT holder FROM job WHERE holder > 0 ORDER BY id LIMIT 1")
        return next(member for member in self.members if member.token == token)

    async def until_all_ended(self, *, within_s: float = PATIENCE_S) -> list[str]:
        """Wait until all jobs have ended, and return their final states."""
        ends = ", ".join(f"'{end}'" for end in sorted(ENDS))
        await self.until_rows(f"SELECT count(*) FROM job WHERE state NOT IN ({ends})", [(0,)], within_s=within_s)
        return [row["state"] for row in await self.rows("SELECT state FROM job ORDER BY id")]

    def logs(self) -> str:
        """Return the end of each process's log."""
        return "\n".join(f"--- {one.name}\n{one.log.read_text()[-3_000:]}" for one in self.members)

    async def stop_bot(self) -> None:
        for member in self.members:
            if member.runs:
                member.wake()
                member.kill()
                await member.ended()
        shutil.rmtree(self.folder / "data", ignore_errors=True)
