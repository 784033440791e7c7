"""Limits the memory for request bodies from unknown senders, without letting a few of them keep out all others.

Only bytes that have arrived count, not the announced length. A sender who is slow on purpose takes no room from others,
and a fast one is soon done. If too much arrives, the body that has been arriving the longest is abandoned.
"""

import asyncio
import contextlib
from collections.abc import Generator

from aiohttp import StreamReader


class BodyTooLarge(Exception):
    """A body is larger than it may be."""


class BodyGivenUp(Exception):
    """Too much is arriving at the same time, and this body has been arriving the longest."""


class BodyRoom:
    """The room for all bodies together."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._places: list[_Place] = []

    @property
    def used_bytes(self) -> int:
        """The number of bytes of all bodies that are arriving."""
        return sum(place.arrived_bytes for place in self._places)

    @contextlib.contextmanager
    def place(self) -> Generator["_Place"]:
        """Count one body until the end of the block, because it is in memory until then."""
        place = _Place(self)
        self._places.append(place)
        try:
            yield place
        finally:
            if not place.is_given_up:
                self._places.remove(place)

    def make_room(self) -> None:
        """Abandon bodies that are arriving, the oldest first, until the others have room."""
        while self.used_bytes > self._most_bytes:
            oldest = next((place for place in self._places if place.is_arriving), None)
            if oldest is None:
                return
            self._places.remove(oldest)
            oldest.give_up()


class _Place:
    """The place of one body."""

    def __init__(self, room: BodyRoom) -> None:
        self._room = room
        self._arrived = bytearray()
        self._deadline: asyncio.Timeout | None = None
        self.is_given_up = False

    @property
    def arrived_bytes(self) -> int:
        return len(self._arrived)

    @property
    def is_arriving(self) -> bool:
        return self._deadline is not None

    def give_up(self) -> None:
        """Make `read` raise BodyGivenUp."""
        self.is_given_up = True
        self._arrived.clear()
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time())

    async def read(self, stream: StreamReader, most_bytes: int, seconds: float) -> bytes:
        """Read a whole body. Raises BodyTooLarge, BodyGivenUp, TimeoutError, or what the stream raises."""
        try:
            async with asyncio.timeout(seconds) as self._deadline:
                async for block in stream.iter_any():
                    self._take(block, most_bytes)
        except TimeoutError:
            if not self.is_given_up:
                raise
        finally:
            self._deadline = None
        if self.is_given_up:
            raise BodyGivenUp
        return bytes(self._arrived)

    def _take(self, block: bytes, most_bytes: int) -> None:
        if self.is_given_up:  # this block came before its deadline was noticed
            raise BodyGivenUp
        self._arrived += block
        if len(self._arrived) > most_bytes:
            raise BodyTooLarge
        self._room.make_room()
