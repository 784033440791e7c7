import json
import tempfile
from pathlib import Path

import pytest

from bot.catalogue.catalogue import Catalogue
from tests.cut_off_server import CutOffServer
from tests.idle_loop import IdleLoop
from tests.new_database import ADDRESS_FILE

SCHEMAS = Path(__file__).parents[2] / "sandbox" / "provider" / "schemas.json"


def pytest_asyncio_loop_factories():
    """Unit tests run on a loop that can tell when it is idle, which `ManualClock` needs."""
    return {"idle": IdleLoop}


@pytest.fixture(params=["sqlite", "postgresql"])
async def each_driver(request, tmp_path, postgres_server_if_needed):
    """Run a test with each driver: this fixture decides what `open_new` opens."""
    if request.param == "sqlite":
        yield
        return
    server = postgres_server_if_needed()
    url = await server.borrow()
    (tmp_path / ADDRESS_FILE).write_text(url)
    yield
    await server.give_back(url)


@pytest.fixture
def postgres_server_if_needed(request):
    return lambda: request.getfixturevalue("postgres_server")


@pytest.fixture(autouse=True)
def only_postgresql(request):
    """Run every unit test on PostgreSQL if `--postgresql` is given."""
    if request.config.getoption("postgresql") and "tmp_path" in request.fixturenames:
        request.getfixturevalue("on_postgresql")


@pytest.fixture
async def way(postgresql_url):
    """Return a route to the server that a test can cut off."""
    with tempfile.TemporaryDirectory(prefix="easel-way-") as folder:  # a socket's path must be short
        way = CutOffServer(postgresql_url, Path(folder))
        await way.start()
        yield way
        await way.stop()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="session")
def schemas() -> dict[str, dict]:
    """Return the sandbox provider's schemas of the models, which were written independently of models.toml."""
    return {row["id"]: row for row in json.loads(SCHEMAS.read_text("utf-8"))}
