"""Performs media operations in threads of the test's process, for tests where a worker process would only cost time."""

import asyncio

from bot.errors import UnusableFile
from bot.media.decoding.operations import OPERATIONS


class DirectRunner:
    """An `OperationRunner` that runs every operation immediately and without limits."""

    async def perform(self, operation, arguments, *, name):
        try:
            return await asyncio.to_thread(OPERATIONS[operation], **arguments)
        except UnusableFile as error:
            raise UnusableFile(**{**error.facts, "name": name}) from None
