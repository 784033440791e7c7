"""A provider, a server for input files, and a client for both, all on loopback."""

import io
import json
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image, ImageDraw

from sandbox.provider.drawing.encoding import encode
from sandbox.provider.drawing.music import Note, wav
from sandbox.provider.drawing.videos import mp4
from sandbox.provider.server import Detail, ProviderSandbox

FLUX = "/v1/models/black-forest-labs/flux-schnell/predictions"
VEO = "/v1/models/google/veo-3/predictions"


def photo(size=(300, 280), media="image/png"):
    """Return a picture with a known foreground: a red disc on a plain blue background."""
    made = Image.new("RGB", size, (40, 90, 190))
    wide, high = size
    ImageDraw.Draw(made).ellipse((wide * 0.3, high * 0.3, wide * 0.7, high * 0.7), fill=(220, 40, 40))
    return encode(made, media)


def mask(size=(300, 280)):
    made = Image.new("L", size, 0)
    made.paste(255, (0, 0, size[0] // 2, size[1]))
    return encode(made, "image/png")


@pytest.fixture(scope="session")
def clip():
    """Return a video that kling-lip-sync accepts."""
    picture = Image.new("RGB", (720, 720), (90, 60, 30))
    return mp4(lambda _: picture, (720, 720), 2.0)


@pytest.fixture
async def files(clip):
    """Serve files by name; tests can change `served`."""
    app, served = web.Application(), {"photo.png": photo(), "mask.png": mask(), "clip.mp4": clip}
    served |= {"tune.wav": wav([Note(0, 1, 220, 0.5)]), "page.html": b"<html>hello</html>"}

    async def serve(request):
        data = served.get(request.match_info["name"])
        return web.Response(body=data) if data is not None else web.Response(status=404)

    app.add_routes([web.get("/{name}", serve)])
    async with TestServer(app) as server:
        yield FileHost(str(server.make_url("/")), served)


class FileHost:
    def __init__(self, url, served):
        self.url = url
        self.served = served

    def __call__(self, name):
        return self.url + name


class Client:
    """Calls a running sandbox as the bot would, and advances its clock."""

    def __init__(self, sandbox, ready):
        self.sandbox = sandbox
        self.url = ready["url"]
        self.key = ready["key"]
        self.http = aiohttp.ClientSession()

    async def call(self, method, path, *, key=None, headers=None, **more):
        sent = {"Authorization": f"Bearer {self.key if key is None else key}", **(headers or {})}
        async with self.http.request(method, self.url + path, headers=sent, **more) as answer:
            text = await answer.text()
            is_json = "json" in answer.content_type
            return Answer(answer.status, json.loads(text) if is_json else text, answer.headers, answer.content_type)

    async def create(self, given, *, path=FLUX, headers=None, **body):
        return await self.call("POST", path, json={"input": given, **body}, headers=headers)

    async def made(self, given, **more):
        """Create a prediction, advance the clock to its end, and return it."""
        created = await self.create(given, **more)
        assert created.status == 201, created.body
        return await self.ended(created.body["id"])

    async def ended(self, prediction_id):
        sandbox = self.sandbox
        prediction = sandbox.runs.get(prediction_id)
        sandbox.clock.advance(max(0.0, prediction.ends - sandbox.clock.now()))
        return (await self.get(prediction_id)).body

    async def get(self, prediction_id):
        return await self.call("GET", f"/v1/predictions/{prediction_id}")

    async def file(self, url, **more):
        async with self.http.get(url, **more) as answer:
            return answer.status, await answer.read(), answer.content_type

    async def seen(self, count):
        """Wait until this many predictions have been created."""
        while len(await self.control("predictions")) < count:
            pass

    async def control(self, name):
        async with self.http.get(self.sandbox.runs.base_url + f"/_sandbox/{name}") as answer:
            return await answer.json(content_type=None)


class Answer:
    def __init__(self, status: int, body: Any, headers: Any, content_type: str) -> None:
        self.status, self.body, self.headers, self.content_type = status, body, headers, content_type


@asynccontextmanager
async def running(**more):
    sandbox = ProviderSandbox(**{"seed": 1, "detail": Detail.SKETCH, **more})
    client = Client(sandbox, await sandbox.start())
    try:
        yield client
    finally:
        await client.http.close()
        await sandbox.stop()


@pytest.fixture
async def provider():
    """Start a provider at normal speed; tests advance its clock."""
    async with running() as client:
        yield client


@pytest.fixture
async def fine_provider():
    """Start a provider that draws every detail and frame."""
    async with running(detail=Detail.FULL) as client:
        yield client


def picture(data):
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        return opened.copy()
