"""Five clients that are not discord.py hold a whole conversation with the sandbox: `make test-foreign`.

Each bot in `bots/` does the same: it registers a command with autocomplete and a menu, defers, edits its answer with a
file and a button, sends a private follow-up, opens a modal and answers it. This script plays the member, and compares
what the member sees. It installs the clients (npm and pip) below `out/foreign`, so it needs Node.js and the registries,
and does not run in CI.
"""

import argparse
import asyncio
import base64
import io
import os
import shutil
import subprocess
import sys
import venv
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox

HERE = Path(__file__).parent
BOTS = HERE / "bots"
INSTALLED = Path("out/foreign")
PATIENCE_S = 60
"""How long one step of a conversation may take, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client library, and the bot that uses it."""

    name: str
    bot: str
    pip: str | None = None
    """The package for pip; None for an npm package, which `package.json` names."""


CLIENTS = (
    Client("discord.js", "discord_js.cjs"),
    Client("oceanic.js", "oceanic_js.cjs"),
    Client("hikari", "hikari_bot.py", "hikari==2.7.0"),
    Client("disnake", "disnake_bot.py", "disnake==2.12.2"),
    Client("py-cord", "pycord_bot.py", "py-cord==2.8.1"),
)


class Unexpected(Exception):
    """The client or the sandbox did not follow the scripted conversation."""


class Member:
    """Mira, who uses the bot through the control interface."""

    def __init__(self, ready: dict[str, Any], http: aiohttp.ClientSession) -> None:
        self._base = ready["url"] + "/_sandbox"
        self._channel = ready["channel_id"]
        self._http = http

    async def do(self, kind: str, **more: object) -> dict[str, Any]:
        """Start an interaction, and return its answer."""
        body = {"user": "mira", "channel": self._channel, "type": kind, **more}
        begun = await self._post("/interactions", body)
        address = f"{self._base}/interactions/{begun['id']}?wait_s=30"
        async with self._http.get(address) as response:
            answer = await response.json()
        if answer["state"] != "acknowledged":
            raise Unexpected(f"the {kind} was not answered: {answer}")
        return answer

    async def message(self, matches: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a message that she sees."""
        version, seen = "0", []
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    query = {"channel": self._channel, "as": "mira", "wait_s": "30", "after_version": version}
                    async with self._http.get(self._base + "/messages", params=query) as response:
                        version, seen = response.headers["X-Sandbox-Version"], await response.json()
                    if found := next((one for one in seen if matches(one)), None):
                        return found
        raise Unexpected(f"no such message; she sees {[one['content'] for one in seen]}")

    async def _post(self, path: str, body: object) -> dict[str, Any]:
        async with self._http.post(self._base + path, json=body) as response:
            if not response.ok:
                raise Unexpected(await response.text())
            return await response.json()


async def suggestions(mira: Member) -> None:
    """Type into an option with autocomplete."""
    answer = await mira.do("autocomplete", name="picture", options={"prompt": "a bo"}, focused="prompt")
    expect(answer["choices"], [{"name": "a bo!", "value": "a bo"}])


async def order(mira: Member) -> None:
    """Use the command; expect a deferral, an edit with a file and a button, and a private follow-up."""
    file = {"name": "cat.png", "base64": base64.b64encode(pixel()).decode()}
    options = {"prompt": "a boat", "who": "theo"}
    await mira.do("command", name="picture", options=options, files={"image": file})
    made = await mira.message(lambda one: one["content"].startswith("made"))
    expect(made["content"], "made a boat from cat.png for theo")
    expect([one["filename"] for one in made["attachments"]], ["a.png"])
    private = await mira.message(lambda one: one["content"] == "only you")
    expect(private["flags"] & 64, 64)


async def form(mira: Member) -> None:
    """Press the button, and fill in the modal that it opens."""
    made = await mira.message(lambda one: one["content"].startswith("made"))
    answer = await mira.do("component", message_id=made["id"], custom_id="again")
    expect(answer["modal"]["title"], "Form")
    await mira.do("modal", custom_id="form", values={"text": "hello"})
    await mira.message(lambda one: one["content"] == "form hello")


async def menu(mira: Member) -> None:
    """Use the message menu on the picture."""
    made = await mira.message(lambda one: one["content"].startswith("made"))
    await mira.do("message_menu", name="Look", target_id=made["id"])
    await mira.message(lambda one: one["content"] == "files 1")


STEPS: tuple[Callable[[Member], Awaitable[None]], ...] = (suggestions, order, form, menu)


def expect(found: object, wanted: object) -> None:
    """Raise Unexpected unless both values are equal."""
    if found != wanted:
        raise Unexpected(f"{found!r} in place of {wanted!r}")


def pixel() -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (2, 2), "teal").save(out, "PNG")
    return out.getvalue()


def install(client: Client) -> list[str]:
    """Install a client if it is not installed yet; return the command that starts its bot."""
    if client.pip is None:
        _install_node_packages()
        return [_program("node"), str(INSTALLED / "node" / client.bot)]
    folder = INSTALLED / client.name
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", client.pip], check=True
        )
        (folder / "installed").touch()
    return [str(python), str(BOTS / client.bot)]


def _install_node_packages() -> None:
    folder = INSTALLED / "node"
    folder.mkdir(parents=True, exist_ok=True)
    # Node looks for packages in the script's folder, so the scripts are copied next to the packages.
    for script in (HERE / "package.json", *BOTS.glob("*.cjs")):
        shutil.copy(script, folder)
    if not (folder / "node_modules").exists():
        subprocess.run([_program("npm"), "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise SystemExit(f"{name} is not installed; Debian has it in the packages nodejs and npm")
    return path


@asynccontextmanager
async def running(command: list[str], ready: dict[str, Any]) -> AsyncIterator[Process]:
    """Start a bot, and stop it at the end; its stderr is printed if the conversation failed."""
    environment = os.environ | {
        "SANDBOX_URL": ready["url"],
        "TOKEN": ready["token"],
        "PIXEL": base64.b64encode(pixel()).decode(),
    }
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018 - both are pipes
    errors = asyncio.create_task(process.stderr.read())
    failed = True
    try:
        async with asyncio.timeout(PATIENCE_S):
            while (line := await process.stdout.readline()) != b"ready\n":
                if not line:
                    raise Unexpected("the bot ended before it was ready")
        yield process
        failed = False
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if failed:
            sys.stderr.write((await errors).decode(errors="replace"))
        await errors


async def converse(client: Client) -> str | None:
    """Run the conversation; return the problem, or None."""
    server = DiscordSandbox(SandboxClock())
    ready, place = await server.start(), "start"
    try:
        async with aiohttp.ClientSession() as http, running(install(client), ready):
            mira = Member(ready, http)
            for step in STEPS:
                place = step.__name__
                await step(mira)
    except (Unexpected, TimeoutError) as error:
        return f"{place}: {error or 'it took too long'}"
    finally:
        await server.stop()
    return None


def main() -> int:
    """Run the conversation with each client (or the named ones), and print the outcomes."""
    parser = argparse.ArgumentParser(prog="python -m tests.foreign", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CLIENT", help=", ".join(client.name for client in CLIENTS))
    names = parser.parse_args().names
    failures = 0
    for client in CLIENTS:
        if names and client.name not in names:
            continue
        problem = asyncio.run(converse(client))
        print(f"{client.name:12} {problem or 'holds the whole conversation'}", flush=True)
        failures += problem is not None
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
