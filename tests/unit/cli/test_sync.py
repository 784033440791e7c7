"""Tests of `easel sync` against the sandbox's Discord: its output, what it registers, and its exit codes."""

import asyncio
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import pytest

from bot.app.app import App
from bot.cli import sandbox_world
from bot.settings import defaults
from bot.storage.sqlite.lock import Lock
from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from tests.unit.cli.conftest import Ended


class Terminal(io.StringIO):
    """A terminal with a person who answers."""

    def isatty(self):
        return True


@dataclass
class Scene:
    easel: Callable[..., Ended]
    world: sandbox_world.World
    sandbox: DiscordSandbox
    http: aiohttp.ClientSession

    async def sync(self, *words, home=None):
        """Run the command in a thread, because it starts its own event loop."""
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
        """Advance the clock past the rate limit: Discord allows 5 requests about commands in 20 seconds."""
        self.sandbox.clock.advance(60)

    async def commands(self, method="GET", path="", **body):
        self.let_a_minute_pass()
        url = f"{self.world.discord_url}/api/v10/applications/{self.sandbox.world.application.id}/commands{path}"
        payload = body or None
        headers = {"Authorization": f"Bot {self.world.discord_token}"}
        async with self.http.request(method, url, headers=headers, json=payload) as response:
            return None if response.status == 204 else await response.json()

    async def puts(self):
        async with self.http.get(f"{self.world.discord_url}/_sandbox/exchanges") as response:
            return [line for line in (await response.text()).splitlines() if '"method": "PUT"' in line]


@pytest.fixture
async def scene(easel):
    sandbox = DiscordSandbox(SandboxClock())
    ready = await sandbox.start()
    world = sandbox_world.World.of(ready, {"url": "", "key": ""})
    async with aiohttp.ClientSession() as http:
        yield Scene(easel, world, sandbox, http)
    await sandbox.stop()


async def test_differences_are_shown_and_registered_only_after_confirmation(scene, monkeypatch):
    shown = await scene.sync()
    assert (shown.code, await scene.commands()) == (1, [])
    assert shown.out.startswith("Everywhere:\n")
    assert "\n  + /imagine\n" in shown.out
    assert f"In the server {scene.world.guild}:\n  + /easel-ops\n" in shown.out
    assert shown.err == "easel: Nothing was registered: there is no terminal to confirm it on. Add --yes.\n"

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
    assert len(await scene.puts()) == 2  # globally and in the home guild


async def test_dry_run_works_while_the_bot_runs_and_sync_repairs_changes_afterwards(scene, tmp_path):
    await scene.sync("--yes")
    made = {one["name"]: one["id"] for one in await scene.commands()}
    await scene.commands("PATCH", f"/{made['jobs']}", description="All jobs")
    await scene.commands("DELETE", f"/{made['balance']}")
    await scene.commands("POST", name="old", description="From another time")

    lock = Lock.acquire(tmp_path / "easel.db")
    shown, refused = await scene.sync("--dry-run"), await scene.sync("--yes")
    lock.release()
    assert (shown.code, shown.err) == (1, "")
    *lines, home, nothing = shown.out.splitlines()
    assert lines[:2] == ["Everywhere:", "  + /balance"]
    assert lines[2].startswith('  ~ /jobs: description "All jobs" → "List your latest jobs')
    assert lines[3:] == ["  - /old (the permissions that admins set for it are lost)"]
    assert (home, nothing) == (f"In the server {scene.world.guild}:", "  nothing to register")
    assert refused.refused("easel.db is in use by another Easel")

    assert (await scene.sync("--yes")).code == 0
    kept = {one["name"]: one["id"] for one in await scene.commands()}
    assert kept == made | {"balance": kept["balance"]}
    assert (await scene.sync("--dry-run")).out == "Nothing to register.\n"


async def test_guild_option_registers_home_commands_and_removes_them_from_a_former_home(scene):
    there = ("--guild", str(scene.world.guild))
    made = await scene.sync(*there, "--yes")
    assert made.out == f"In the server {scene.world.guild}:\n  + /easel-ops\nRegistered.\n"
    assert await scene.commands() == []
    cleared = await scene.sync(*there, "--yes", home=78)
    assert "  - /easel-ops (the permissions that admins set for it are lost)\nRegistered.\n" in cleared.out
    assert (await scene.sync(*there, "--dry-run", home=78)).out == "Nothing to register.\n"


async def test_commands_cannot_be_registered_in_a_server_without_the_bot(scene):
    assert (await scene.sync("--guild", "77", "--dry-run")).refused("register commands in server 77")


async def test_startup_registers_only_commands_that_discord_lacks(scene, tmp_path):
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
    )  # the bot is not in that server: this is logged and does not prevent the start


def test_dry_run_and_yes_exclude_each_other(easel):
    assert easel("sync", "--yes", "--dry-run").wrong_usage("Give either --yes or --dry-run, not both")
