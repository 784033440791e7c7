import aiohttp
import pytest

from bot.ops.file_routes import FileRoutes
from bot.ops.health_server import HealthServer
from bot.ops.metrics import Metrics
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.signed_links import SignedLinks
from tests.manual_clock import ManualClock

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


class Place:
    """A file store and the HTTP server that serves its files."""

    session: aiohttp.ClientSession

    def __init__(self, folder):
        self.clock = ManualClock()
        self.store = ArtefactFolder(folder / "artefacts", reserve_bytes=0)
        self.links = SignedLinks("", b"k" * 32, self.clock)
        (folder / "easel.db").write_bytes(b"secret")
        routes = FileRoutes(self.links, self.store).routes()
        self.server = HealthServer(probes={}, metrics=Metrics(), more=routes)

    async def keep(self, content, name="job-1.png"):
        with self.store.temporary() as temporary:
            temporary.write_bytes(content)
            return (await self.store.keep(temporary, name=name)).path

    async def get(self, link):
        async with self.session.get(link) as answer:
            return answer.status, answer.headers, await answer.read()


@pytest.fixture
async def place(tmp_path):
    place = Place(tmp_path)
    url = await place.server.start("127.0.0.1", 0)
    async with aiohttp.ClientSession(url) as session:
        place.session = session
        yield place
    await place.server.stop()


async def test_file_is_served_to_anyone_with_its_link(place):
    status, headers, body = await place.get(place.links.to(await place.keep(PNG), life_s=60))
    assert (status, body) == (200, PNG)
    assert headers["Content-Type"] == "image/png"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox")


async def test_content_type_comes_from_the_content_not_the_name(place):
    path = await place.keep(b"<html>nothing known</html>", name="job-1.html")
    _, headers, _ = await place.get(place.links.to(path, life_s=60))
    assert headers["Content-Type"] == "application/octet-stream"


async def test_expired_link_is_refused(place):
    link = place.links.to(await place.keep(PNG), life_s=60)
    await place.clock.advance(61)
    status, _, body = await place.get(link)
    assert status == 404
    assert PNG not in body


async def test_removed_file_gives_a_clear_404(place):
    path = await place.keep(PNG)
    await place.store.remove(path)
    status, _, body = await place.get(place.links.to(path, life_s=60))
    assert (status, body) == (404, b"This file is no longer stored.")


@pytest.mark.parametrize("name", ["../easel.db", "ab/../../easel.db", ""])
async def test_signed_link_to_a_file_outside_the_store_is_refused(place, name):
    status, _, body = await place.get(place.links.to(name, life_s=60))
    assert status == 404
    assert b"secret" not in body


async def test_files_cannot_be_listed(place):
    path = await place.keep(PNG)
    for link in ("/files/", f"/files/{path.parent}", f"/files/{path}"):
        assert (await place.get(link))[0] == 404
