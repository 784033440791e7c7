import contextlib
import gc
import os
import random
import shutil
import socket
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.new_database import ADDRESS_FILE
from tests.postgres_server import PostgresServer

FOLDER = Path(__file__).parent

IN_MEMORY = Path("/dev/shm")
"""The folder whose files Linux keeps in memory."""

ROOM_BYTES = 2 << 30
"""How much of that memory has to be free for the tests' files; some containers have 64 MB."""

YOUNG_OBJECTS = 7_000
"""How far created objects must outnumber deleted ones before a collection (Python's default is 700)."""

FULL_COLLECTION_AFTER = 100
"""How many collections of younger objects precede a full one (Python's default is 10), which examines every object."""

TOGETHER = (
    "tests/browser/",  # one browser
    "tests/crash/test_roles.py",  # several bots at a time, which must answer within Discord's 3 s
    "tests/unit/chat/texts/test_translations.py",
    "tests/unit/media/provenance/test_content_credentials.py",
    "tests/unit/media/provenance/test_label.py",
)
"""Files whose tests run in one worker: their shared setup takes longer than the tests, or they need many cores."""

FIRST = ("tests/browser/", "tests/crash/test_roles.py")

SERVED = "postgres"
"""Tests with this word in their names need a PostgreSQL server: two workers each start one and run all these tests."""

PROCESSES = ("tests/crash/", "tests/sandbox/", "tests/unit/cli/", "tests/unit/processes/")
"""The folders whose tests use the second of these servers; these tests take about half of the time."""

FIRST_PORT, PORTS_OF_A_WORKER = 10_000, 1_000
"""Ports for servers whose port a test must know before it starts them; outgoing connections use higher ports."""

# Hypothesis measures its deadline in real time, and on a busy machine an example may get too little of it.
settings.register_profile("easel", deadline=None)
settings.load_profile("easel")


@pytest.fixture
def unused_tcp_port(worker_id):
    """Return a port that nothing uses.

    It comes from the worker's own range. A port that the system chooses may be taken by another connection before the
    test's server listens on it.
    """
    first = FIRST_PORT + PORTS_OF_A_WORKER * int(worker_id.removeprefix("gw").replace("master", "0"))
    for port in random.sample(range(first, first + PORTS_OF_A_WORKER), PORTS_OF_A_WORKER):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"all ports from {first} on are in use")


def pytest_addoption(parser):
    parser.addoption("--screenshots", metavar="DIR", help="keep the browser tests' pictures of the page in this folder")
    parser.addoption("--postgresql", action="store_true", help="run all unit and crash tests on PostgreSQL")


def pytest_configure(config):
    """Keep the tests' folders in memory if there is room, because each commit to a disk waits for the disk.

    For tests that kill processes this makes no difference, and no test can cut the power.
    """
    if config.option.basetemp is None and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def pytest_collection_modifyitems(items):
    """Spread the files of each folder evenly over the run: tests in some folders mostly wait, others compute.

    The tests in FIRST come first, because a single worker runs each group, which takes a long time. The tests of a file
    stay together.
    """
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    folders = {path: path.relative_to(FOLDER).parts[0] for path in files}
    totals, before = Counter(), Counter()
    for path, tests in files.items():
        totals[folders[path]] += len(tests)
    places = {}
    for path, tests in files.items():
        folder = folders[path]
        is_first = str(path.relative_to(FOLDER.parent)).startswith(FIRST)
        places[path] = 0 if is_first else before[folder] / totals[folder]
        before[folder] += len(tests)
    items[:] = [item for path in sorted(files, key=places.__getitem__) for item in files[path]]


class Together(LoadScopeScheduling):
    """Give test files to workers one by one, except the files in TOGETHER.

    pytest-xdist 3.8.0 marks groups with a private field of the tests, which pytest has not read since 9.2, so xdist
    spreads each group over all workers without a warning.
    """

    def mark_test_complete(self, node, item_index, duration=0):
        """Forget tests that have ended: to count the others, xdist reads every test it ever gave a worker."""
        super().mark_test_complete(node, item_index, duration)
        work = self.assigned_work[node]
        scope = self._split_scope(self.registered_collections[node][item_index])
        if all(work[scope].values()):
            del work[scope]

    def _split_scope(self, nodeid):
        if SERVED in nodeid:
            return f"{SERVED} for processes" if nodeid.startswith(PROCESSES) else SERVED
        return next((start for start in TOGETHER if nodeid.startswith(start)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Keep the garbage collector from examining all modules and tests, which live as long as the process."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
        _, middle, _ = gc.get_threshold()
        gc.set_threshold(YOUNG_OBJECTS, middle, FULL_COLLECTION_AFTER)


@pytest.fixture(scope="session")
def s3_port():
    """Start an S3 server when the first test needs it, and return its port."""
    from tests.s3_server import start_server  # noqa: PLC0415 - few tests need it, and it takes a while to load

    server = start_server()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
async def s3(s3_port):
    """Return a proxy in front of the S3 server, which has one empty bucket; the proxy can inject faults."""
    from tests.s3_server import Faults, make_bucket  # noqa: PLC0415 - as above

    make_bucket()
    async with Faults(s3_port).running() as faults:
        yield faults


@pytest.fixture(scope="session")
def postgres_server():
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
async def postgresql_url(postgres_server):
    """Return the address of a new database with the current schema."""
    url = await postgres_server.create()
    yield url
    await postgres_server.drop(url)


@pytest.fixture
async def on_postgresql(tmp_path, postgresql_url):
    """Put a test's database on a server."""
    (tmp_path / ADDRESS_FILE).write_text(postgresql_url)
