import asyncio

import aiohttp
import pytest

from bot.ops.health_server import HealthServer, discord_probe
from bot.ops.metrics import Metrics


class Line:
    def __init__(self) -> None:
        self.connection_problem: str | None = None


@pytest.fixture
async def health():
    line, metrics = Line(), Metrics()
    metrics.gauge("loops_alive", "Loops that run.", lambda: {"poll": 1.0, "submit": 0.0}, labels="loop")
    server = HealthServer(probes={"discord": discord_probe(line)}, metrics=metrics)
    url = await server.start("127.0.0.1", 0)
    async with aiohttp.ClientSession(url) as session:
        yield session, line
    await server.stop()


async def test_healthz_answers_ok_even_if_nothing_works(health):
    session, line = health
    line.connection_problem = "not connected to Discord"
    async with session.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"alive": True})


async def test_readyz_names_the_part_that_is_not_ready(health):
    session, line = health
    async with session.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, {"ready": True, "wrong": {}})
    line.connection_problem = "not connected to Discord"
    async with session.get("/readyz") as answer:
        assert answer.status == 503
        assert (await answer.json())["wrong"] == {"discord": "not connected to Discord"}


async def test_readyz_answers_even_if_a_part_does_not():
    async def silent() -> str | None:
        await asyncio.Event().wait()

    async def broken() -> str | None:
        return "full"

    server = HealthServer(probes={"database": silent, "disk": broken}, metrics=Metrics(), probe_s=0.01)
    url = await server.start("127.0.0.1", 0)
    async with aiohttp.ClientSession(url) as session, session.get("/readyz") as answer:
        assert answer.status == 503
        assert (await answer.json())["wrong"] == {"database": "no answer within 0.01 s", "disk": "full"}
    await server.stop()


async def test_metrics_are_read_at_each_scrape(health):
    session, _ = health
    async with session.get("/metrics") as answer:
        text = await answer.text()
        assert answer.content_type == "text/plain"
    assert 'easel_loops_alive{loop="poll"} 1.0' in text
    assert 'easel_loops_alive{loop="submit"} 0.0' in text
