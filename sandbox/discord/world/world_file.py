"""Saves the world to `world.json` after every change, so that it survives a restart; files are stored next to it."""

import asyncio
import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter

from sandbox.atomic_file import replace_file
from sandbox.discord.world.event_bus import EventBus, WorldEvent
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import World

_log = logging.getLogger(__name__)
SETTLE_S = 0.1
"""Changes within this many seconds are written together."""


@dataclass(slots=True)
class SavedWorld:
    """The content of the file."""

    world: World
    newest_id: int


class WorldFile:
    """Writes the world shortly after each change; does nothing without a folder."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "world.json" if folder else None
        self._changed = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._saved: SavedWorld | None = None
        self._ids: Snowflakes | None = None

    @cached_property
    def _adapter(self) -> TypeAdapter[SavedWorld]:
        return TypeAdapter(SavedWorld)  # expensive to build, and an unsaved world does not need it

    def load(self) -> SavedWorld | None:
        """Read the saved world, if there is one."""
        if self._path is None or not self._path.exists():
            return None
        return self._adapter.validate_json(self._path.read_bytes())

    def watch(self, hub: EventBus, world: World, ids: Snowflakes) -> None:
        """Write this world after each change from now on."""
        if self._path is not None:
            self._saved, self._ids = SavedWorld(world, 0), ids
            hub.listen(self._note)

    def _note(self, _: WorldEvent) -> None:
        self._changed.set()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_soon(), name="keep the sandbox's world")
            self._writer.add_done_callback(_report)

    async def _write_soon(self) -> None:
        while self._changed.is_set():
            await asyncio.sleep(SETTLE_S)
            self._changed.clear()
            await self.write()

    async def write(self) -> None:
        """Write the world now, atomically."""
        if self._path is None or self._saved is None or self._ids is None:
            return
        self._saved.newest_id = self._ids.newest
        await asyncio.to_thread(replace_file, self._path, self._adapter.dump_json(self._saved))

    async def stop(self) -> None:
        """Write the world one last time."""
        if self._writer is not None:
            self._changed.clear()
            await self._writer
        await self.write()


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("the sandbox's world could not be kept", exc_info=task.exception())
