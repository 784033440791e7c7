"""`easel run --postgres`: a PostgreSQL server for the sandbox, which belongs to this process."""

from contextlib import AsyncExitStack
from pathlib import Path

from bot.errors import SettingsError


async def start_server(folder: Path, stack: AsyncExitStack) -> str:
    """Start a server with its files in this folder, and return the address of its database; `stack` stops it.

    Raises SettingsError if the wheel is not installed, or if the server does not start.
    """
    # Imported only here, so that a real bot does not load the sandbox.
    from sandbox.postgres_server import WHEEL, PackageMissing, PostgresServer, PostgresUnavailable  # noqa: PLC0415

    server = PostgresServer(folder)
    stack.push_async_callback(server.stop)
    try:
        return str((await server.start())["url"])
    except PackageMissing as error:
        raise SettingsError(
            name="--postgres",
            problem=f"needs the package {WHEEL}, which contains a PostgreSQL server",
            fix=f"Use `make run ARGS=--postgres`, which installs it, or `pip install {WHEEL}`",
        ) from error
    except PostgresUnavailable as error:
        raise SettingsError(name="--postgres", problem=error.problem, fix=error.fix) from error
