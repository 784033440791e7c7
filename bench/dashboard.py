"""Draws ops/grafana.json from a real run: `python -m bench.dashboard [--minutes 6] [--out FILE]`.

It starts the sandboxes, the bot and Prometheus as processes. Four members order for a while; during that time, the
provider has an outage, Discord limits some calls, and the gateway's connection breaks. Then Prometheus answers each
query of the dashboard, and `bench/dashboard_picture.py` draws the answers where Grafana would. Nothing is computed
here.

It needs the program `prometheus` (Debian's package of that name), and is not part of `make bench`.
"""

import argparse
import asyncio
import json
import random
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp

from bench.bot_process import easel, sandboxes
from bench.dashboard_picture import Answer, Series, draw
from bot.cli.sandbox_world import World

ROOT = Path(__file__).parents[1]
DASHBOARD = ROOT / "ops" / "grafana.json"
SCRAPE_S = 5
RATE_WINDOW = "1m"
POINTS = 240
READY_S = 30.0

MODELS = (
    "black-forest-labs/flux-schnell", "black-forest-labs/flux-dev", "black-forest-labs/flux-1.1-pro",
    "stability-ai/sdxl", "google/imagen-4-fast", "google/imagen-4", "recraft-ai/recraft-v3", "recraft-ai/recraft-20b",
    "lucataco/flux-dev-lora", "lucataco/flux-schnell-lora", "stability-ai/stable-diffusion",
)  # fmt: skip
PROMPTS = ("a fox in the snow", "a lighthouse in fog", "a paper boat", "an orange cat on a roof", "a map of an island")
BAD = {"[fail]": 0.04, "[filter]": 0.03, "[partial]": 0.02, "[slow]": 0.05, "[lost]": 0.01}
"""How often a prompt contains one of the sandbox's words that make something go wrong."""

MEMBERS = ("mira", "kai", "theo", "ada")
OUTAGE = (0.52, 0.64)
LIMITED = 0.3
BREAKS = (0.38, 0.8)
"""The times of the events, as shares of the run."""


@dataclass(frozen=True, slots=True)
class Evening:
    """The events that give the dashboard something to show: members' orders, and faults."""

    http: aiohttp.ClientSession
    world: World
    seconds: float
    dice: random.Random

    async def begin(self) -> None:
        """Let the server's pool pay, so that nobody runs out of credits."""
        await self._command("olga", "easel-admin settings", pays="pool")

    async def play(self) -> None:
        """Order and break things until the time is up."""
        async with asyncio.TaskGroup() as tasks:
            for member in MEMBERS:
                tasks.create_task(self._orders(member))
            for share in BREAKS:
                tasks.create_task(self._at(share, self.world.discord_url, "world", {"do": "drop_gateway"}))
            limit = {"status": 429, "times": 25, "body": {"message": "slow down", "retry_after": 0.5, "global": False}}
            edits = {"method": "PATCH", "path": "/api/v10/webhooks/*", **limit}
            tasks.create_task(self._at(LIMITED, self.world.discord_url, "faults", [edits]))
            outage = [
                {"method": "POST", "path": "/v1/*", "times": None, "status": 503, "body": {"detail": "overloaded"}}
            ]
            tasks.create_task(self._at(OUTAGE[0], self.world.provider_url, "faults", outage))
            tasks.create_task(self._at(OUTAGE[1], self.world.provider_url, "faults", None))

    async def _orders(self, member: str) -> None:
        ends_s = time.monotonic() + self.seconds * 0.97
        while time.monotonic() < ends_s:
            word = next((word for word, share in BAD.items() if self.dice.random() < share), "")
            prompt = f"{self.dice.choice(PROMPTS)} {word}".strip()
            await self._command(member, "imagine", prompt=prompt, model=self.dice.choice(MODELS))
            await asyncio.sleep(self.dice.expovariate(1 / 6))

    async def _command(self, user: str, name: str, **options: object) -> None:
        place = {"user": user, "guild": str(self.world.guild), "channel": str(self.world.channel)}
        sent = {"type": "command", "name": name, "options": options, **place}
        async with self.http.post(f"{self.world.discord_url}/_sandbox/interactions", json=sent) as response:
            if response.status >= 400:
                raise RuntimeError(await response.text())

    async def _at(self, share: float, server: str, what: str, body: object) -> None:
        """Start something, such as a fault, in a sandbox after this share of the run; without a body, end it."""
        await asyncio.sleep(share * self.seconds)
        method = "DELETE" if body is None else "POST"
        async with self.http.request(method, f"{server}/_sandbox/{what}", json=body) as response:
            if response.status >= 400:
                raise RuntimeError(await response.text())


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus server."""

    http: aiohttp.ClientSession
    url: str

    async def answer(self, panel: Mapping[str, Any], began_s: float, ended_s: float) -> Answer:
        """Return what Grafana would get for a panel."""
        found: list[Series] = []
        for target in panel["targets"]:
            for one in await self._ask(target, began_s, ended_s):
                points = one["values"] if "values" in one else [one["value"]]
                name = str(target["legendFormat"])
                for label, value in one["metric"].items():
                    name = name.replace(f"{{{{{label}}}}}", value)
                found.append(Series(name, [(float(at), float(value)) for at, value in points]))
        return Answer(panel, found)

    async def _ask(self, target: Mapping[str, Any], began_s: float, ended_s: float) -> list[dict[str, Any]]:
        query = str(target["expr"])
        names = {"$__rate_interval": RATE_WINDOW, "$__range": f"{round(ended_s - began_s)}s", "$instance": ".+"}
        for name, value in names.items():
            query = query.replace(name, value)
        asked: dict[str, str] = {"query": query}
        if target["instant"]:
            path, asked = "query", {**asked, "time": str(ended_s)}
        else:
            step_s = max(SCRAPE_S, (ended_s - began_s) / POINTS)
            path, asked = "query_range", {**asked, "start": str(began_s), "end": str(ended_s), "step": str(step_s)}
        async with self.http.get(f"{self.url}/api/v1/{path}", params=asked) as response:
            answer = await response.json()
        if answer["status"] != "success":
            raise RuntimeError(f"{query}: {answer}")
        return cast("list[dict[str, Any]]", answer["data"]["result"])


@asynccontextmanager
async def prometheus(program: str, folder: Path, target: int) -> AsyncGenerator[Prometheus]:
    """Run a Prometheus server that scrapes a port of this machine."""
    config = {
        "global": {"scrape_interval": f"{SCRAPE_S}s"},
        "rule_files": [str(ROOT / "ops" / "alerts.yaml")],
        "scrape_configs": [{"job_name": "easel", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML too
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(None) as limit:
            limit.reschedule(asyncio.get_running_loop().time() + READY_S)
            url = f"http://127.0.0.1:{port}"
            while not await _is_ready(http, url):  # noqa: ASYNC110 - Prometheus does not announce that it is ready
                await asyncio.sleep(0.2)
            limit.reschedule(None)
            yield Prometheus(http, url)
    finally:
        process.terminate()
        await process.wait()


async def _is_ready(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/-/ready") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def free_port() -> int:
    """Return a port that is not in use."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def run(program: str, seconds: float, folder: Path) -> list[Answer]:
    """Run the evening, and return the panels of the dashboard with their data."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    port = free_port()
    async with sandboxes(speed=3) as world, aiohttp.ClientSession() as http:
        settings: dict[str, object] = {
            "HTTP_PORT": port,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "NEW_GUILD_CREDITS": 5_000_000,
            "BACKUP_EVERY": 24,
            "CREDIT_SKUS": ",".join(f"{sku}=250000" for sku in world.skus),
            "RUNNING_PER_MEMBER": 2,
        }
        async with easel(world, folder, **settings), prometheus(program, folder, port) as metrics:
            print(f"Prometheus runs at {metrics.url}; the evening takes {seconds:.0f} s")
            evening = Evening(http, world, seconds, random.Random(14))
            await evening.begin()
            began_s = time.time()
            await evening.play()
            await asyncio.sleep(12)  # until the bot's last counts have been scraped
            ended_s = time.time()
            print("asking Prometheus")
            return [
                await metrics.answer(panel, began_s, ended_s) if panel["type"] != "row" else Answer(panel, [])
                for panel in panels
            ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.dashboard", description="Draw the dashboard from a real run.")
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--prometheus", default=shutil.which("prometheus"), help="the program")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "dashboard.png")
    given = parser.parse_args()
    if given.prometheus is None:
        parser.error("the program prometheus is not installed; name it with --prometheus")
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="dashboard-") as name:
        answers = asyncio.run(run(given.prometheus, given.minutes * 60, Path(name)))
    draw(answers, given.out, f"a run of {given.minutes:g} minutes in the sandbox")


if __name__ == "__main__":
    main()
