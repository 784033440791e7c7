"""`easel sync` against the sandbox's Discord: what it shows, what it registers, and what it ends with."""

import asyncio
import io
import sys
from dataclasses import dataclass

import aiohttp
import pytest

from bot.app.app import App
from bot.cli import sandbox_world
from bot.settings import defaults
from bot.storage.sqlite.lock import Lock
from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox


class Terminal(io.StringIO):
    """Somebody who answers."""

    def isatty(self):
        return True


@dataclass
class Scene:
    easel: object
    world: sandbox_world.World
    sandbox: DiscordSandbox
    http: aiohttp.ClientSession

    async def sync(self, *words, home=None):
        """Run the verb; it makes a loop of its own, so it gets a thread of its own."""
        self.let_a_minute_pass()
        environment = {
            "DISCORD_TOKEN": self.world.discord_token,
            "DISCORD_API_URL": f"{self.world.discord_url}/api/v10",
            "HOME_GUILD_ID": str(home or self.world.guild),
            "PROVIDER_KEY": "k",
            "PROVIDER_URL": "http://127.0.0.1:9",
            "DATABASE_URL": "sqlite:///easel.db",
        }
        return await asyncio.to_thread(self.easel, "sync", *words, **environment)

    def let_a_minute_pass(self):
        """Discord takes 5 requests about commands in 20 seconds."""
        self.sandbox.clock.advance(60)

    async def commands(self, method="GET", path="", **body):
        self.let_a_minute_pass()
        url = f"{self.world.discord_url}/api/v10/applications/{self.sandbox.world.application.id}/commands{path}"
        kept = {"json": body} if body else {}
        headers = {"Authorization": f"Bot {self.world.discord_token}"}
        async with self.http.request(method, url, headers=headers, **kept) as response:
            return None if response.status == 204 else await response.json()

    async def puts(self):
        async with self.http.get(f"{self.world.discord_url}/_sandbox/exchanges") as response:
            return [line for line in (await response.text()).splitlines() if '"method": "PUT"' in line]


@pytest.fixture
async def scene(easel):
    sandbox = DiscordSandbox(SandboxClock())
    said = await sandbox.start()
    world = sandbox_world.World.of(said, {"url": "", "key": ""})
    async with aiohttp.ClientSession() as http:
        yield Scene(easel, world, sandbox, http)
    await sandbox.stop()


async def test_what_differs_is_shown_and_registered_only_when_it_is_wanted(scene, monkeypatch):
    shown = await scene.sync()
    assert (shown.code, await scene.commands()) == (1, [])
    assert shown.out.startswith("Everywhere:\n")
    assert "\n  + /imagine\n" in shown.out
    assert f"In the server {scene.world.guild}:\n  + /easel-ops\n" in shown.out
    assert shown.err == "easel: Nothing was registered: there is no terminal to ask on. Add --yes to register.\n"

    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    declined = await scene.sync()
    assert (declined.code, declined.err) == (1, "easel: Nothing was registered.\n")
    assert await scene.commands() == []

    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    accepted = await scene.sync()
    assert (accepted.code, accepted.out.endswith("Registered.\n")) == (0, True)
    assert "imagine" in {one["name"] for one in await scene.commands()}

    again = await scene.sync("--yes")
    assert (again.code, again.out, again.err) == (0, "Nothing to register.\n", "")
    assert len(await scene.puts()) == 2  # everywhere, and in the home guild


async def test_what_somebody_changed_is_told_beside_the_running_bot_and_mended_when_it_has_gone(scene, tmp_path):
    await scene.sync("--yes")
    made = {one["name"]: one["id"] for one in await scene.commands()}
    await scene.commands("PATCH", f"/{made['jobs']}", description="All jobs")
    await scene.commands("DELETE", f"/{made['balance']}")
    await scene.commands("POST", name="old", description="From another time")

    lock = Lock.take(tmp_path / "easel.db")
    shown, refused = await scene.sync("--dry-run"), await scene.sync("--yes")
    lock.release()
    assert (shown.code, shown.err) == (1, "")
    *told, home, nothing = shown.out.splitlines()
    assert told[:2] == ["Everywhere:", "  + /balance"]
    assert told[2].startswith('  ~ /jobs: description "All jobs" → "Your newest jobs')
    assert told[3:] == ["  - /old (the permissions that admins set for it are lost)"]
    assert (home, nothing) == (f"In the server {scene.world.guild}:", "  nothing to register")
    assert refused.refused("easel.db is in use by another Easel")

    assert (await scene.sync("--yes")).code == 0
    kept = {one["name"]: one["id"] for one in await scene.commands()}
    assert kept == made | {"balance": kept["balance"]}
    assert (await scene.sync("--dry-run")).out == "Nothing to register.\n"


async def test_one_guilds_own_commands_are_registered_and_those_of_a_former_home_are_removed(scene):
    there = ("--guild", str(scene.world.guild))
    made = await scene.sync(*there, "--yes")
    assert made.out == f"In the server {scene.world.guild}:\n  + /easel-ops\nRegistered.\n"
    assert await scene.commands() == []
    cleared = await scene.sync(*there, "--yes", home=78)
    assert "  - /easel-ops (the permissions that admins set for it are lost)\nRegistered.\n" in cleared.out
    assert (await scene.sync(*there, "--dry-run", home=78)).out == "Nothing to register.\n"


async def test_a_server_that_the_bot_is_not_in_is_no_place_for_commands(scene):
    assert (await scene.sync("--guild", "77", "--dry-run")).refused("register commands in the server 77")


async def test_a_start_registers_once_and_again_only_where_discord_lost_something(scene, tmp_path):
    settings = sandbox_world.settings_for(scene.world, tmp_path, defaults(http_port=0)).model_copy(
        update={"provider_url": "http://127.0.0.1:9"}
    )

    async def started(**changes) -> int:
        scene.let_a_minute_pass()
        before = len(await scene.puts())
        await (await App.start(settings.model_copy(update=changes))).stop()
        return len(await scene.puts()) - before

    assert [await started(), await started()] == [2, 0]
    made = {one["name"]: one["id"] for one in await scene.commands()}
    await scene.commands("DELETE", f"/{made['jobs']}")
    assert [await started(), await started()] == [1, 0]
    assert (
        await started(home_guild_id=77) == 0
    )  # a server that it is not in: said in the log, and no reason to stay away


def test_only_looking_and_not_asking_do_not_go_together(easel):
    assert easel("sync", "--yes", "--dry-run").wrong_usage("--yes and --dry-run exclude each other")
