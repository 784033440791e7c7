"""Counts the database operations and statements that a command runs before its answer, in the real driver."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

from sandbox.discord.world.state import InteractionState
from tests.wire.stage import Stage

COMMAND_TASK = "CommandTree-invoker"
"""The name that discord.py gives to the task of a command's handler (app_commands/tree.py)."""


class DatabaseCalls:
    """The SQL statements of each operation that a command handler starts before its answer, oldest first.

    Each operation is one round-trip to a thread of the driver. The engine's loops are not counted.
    """

    def __init__(self, stage: Stage) -> None:
        self.reads: list[list[str]] = []
        self.writes: list[list[str]] = []
        self._interactions = stage.discord.world.interactions
        database: Any = stage.app.database
        database.read = self._counting(database.read, self.reads)
        database.run = self._counting(database.run, self.writes)

    @property
    def statements(self) -> list[str]:
        return [sql for operation in (*self.reads, *self.writes) for sql in operation]

    def _counting(self, run: Callable[..., Any], operations: list[list[str]]) -> Callable[..., Any]:
        async def run_counted(operation: Callable[[], Any]) -> Any:
            if not self._is_before_an_answer():
                return await run(operation)
            statements: list[str] = []
            operations.append(statements)
            return await run(lambda: recording(operation(), statements))

        return run_counted

    def _is_before_an_answer(self) -> bool:
        task = asyncio.current_task()
        pending = any(one.state is InteractionState.PENDING for one in self._interactions.values())
        return task is not None and task.get_name() == COMMAND_TASK and pending


def recording(operation: Generator[Any, Any, Any], statements: list[str]) -> Generator[Any, Any, Any]:
    """Pass on an operation's statements and record the SQL of each."""
    try:
        statement = next(operation)
        while True:
            statements.append(statement.sql)
            statement = operation.send((yield statement))
    except StopIteration as end:
        return end.value
