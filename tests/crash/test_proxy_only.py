"""Tests of the bot on a machine that reaches Discord, its gateway, the provider and results only through a proxy."""

import asyncio
import os
import sys
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from bot.money import milli
from tests.crash.connect_proxy import ConnectProxy
from tests.crash.scene import ROOT, Scene

DISCORD, PROVIDER = "discord.easel.test", "models.easel.test"


def at(host, url):
    return urlsplit(url)._replace(scheme="https", netloc=host).geturl()


@pytest.fixture
async def scene(tmp_path, monkeypatch):
    """Return a scene whose bot finds the sandboxes under names that only the proxy knows."""
    scene = ProxiedScene(tmp_path)
    await scene.open()
    ports = {DISCORD: urlsplit(scene.world.discord_url).port, PROVIDER: urlsplit(scene.world.provider_url).port}
    scene.proxy = ConnectProxy({host: port for host, port in ports.items() if port}, tmp_path)
    monkeypatch.setenv("HTTPS_PROXY", (await scene.proxy.start()).replace("//", "//easel:hunter2@"))
    monkeypatch.setenv("SSL_CERT_FILE", str(scene.proxy.authority))
    scene.provider.runs.base_url = f"https://{PROVIDER}"
    yield scene
    await scene.close()
    await scene.proxy.stop()


class ProxiedScene(Scene):
    proxy: ConnectProxy
    wrapper = ("env",)  # a new process, because a forked one would have the variables of an earlier test

    async def stop_bot(self):
        if hasattr(self, "process"):  # some tests run only other commands
            await super().stop_bot()

    async def start_bot(self, step=None, **changes):
        here = self.world
        self.world = replace(
            here, discord_url=at(DISCORD, here.discord_url), provider_url=at(PROVIDER, here.provider_url)
        )
        try:
            await super().start_bot(step, **changes)
        finally:
            self.world = here


async def test_order_goes_through_the_proxy_from_the_command_to_the_result(scene, tmp_path):
    await scene.start_bot()
    await scene.begin("mira", "imagine", {"prompt": "a lighthouse in fog"})
    message = await scene.final_message("mira")
    assert "**Ready**" in message["content"], (tmp_path / "bot.log").read_text()
    assert (await scene.settled())[:2] == ("done", milli(75))
    assert scene.proxy.hosts() == {f"{DISCORD}:443", f"{PROVIDER}:443"}
    # The proxy sees the host names and its own password, but nothing that is meant for the hosts.
    secrets = (scene.world.discord_token, scene.world.provider_key)
    assert {"basic" in head.lower() for head in scene.proxy.asked} == {True}
    assert not [head for head in scene.proxy.asked for secret in secrets if secret in head]
    await scene.check_invariants()


@pytest.mark.parametrize("words", [["check"], ["sync", "--dry-run"]])
async def test_commands_use_the_proxy_too(scene, tmp_path, words):
    environment = {
        "DISCORD_TOKEN": scene.world.discord_token,
        "DISCORD_API_URL": f"https://{DISCORD}/api/v10",
        "DISCORD_GATEWAY_URL": f"wss://{DISCORD}/gateway",
        "PROVIDER_URL": at(PROVIDER, scene.world.provider_url),
        "PROVIDER_KEY": scene.world.provider_key,
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/absent.db",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out = (await process.communicate())[0].decode()
    assert f"{DISCORD}:443" in scene.proxy.hosts(), out
    expected = ["ok       provider: ", "ok       discord: the bot is easel"] if words == ["check"] else ["+ /imagine"]
    assert [line for line in expected if line not in out] == [], out
