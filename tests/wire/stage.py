"""The real bot between the two sandboxes, and the people who use it. Everything waits for events, never for time."""

import asyncio
import base64
import json
import os
import uuid
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.app.app import App
from bot.cli import sandbox_world
from bot.money import milli
from bot.settings import load
from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from sandbox.provider.server import ProviderSandbox
from tests.brisk_clock import BriskClock
from tests.invariants import assert_ledger_is_sound
from tests.wire.writes import Writes

PATIENCE_S = 30
SEED = 4
"""Of the provider's ids, seeds and durations: what one run of the tests meets, every run does."""

SLOW = 0.01
"""The speed of a provider whose runs end only when a test lets them: `run_to`."""

LOOK_S = 5.0

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """How an interaction ended."""

    id: str
    state: str
    message: str | None
    private: bool
    choices: list[Mapping[str, Any]] | None
    channel: str
    user: str


def recording() -> Path | None:
    """Where what is said to Discord is kept, for its own description to judge (see `.ci/run`)."""
    folder = os.environ.get("EASEL_RECORD")
    return Path(folder) / f"{uuid.uuid4().hex}.jsonl" if folder else None


class Stage:
    """One guild, its people, and the bot. The clocks of Discord and of the provider are moved apart from each other."""

    def __init__(self, folder: Path, *, speed: float = 1_000.0, **settings: object) -> None:
        """`settings` are the operator's, beside those that make it a sandbox."""
        self.folder = folder
        self.settings = settings
        self.discord = DiscordSandbox(SandboxClock(), record=recording())
        self.provider = ProviderSandbox(clock=SandboxClock(), speed=speed, seed=SEED)
        self.writes = Writes()
        self._open = AsyncExitStack()
        self.http: aiohttp.ClientSession
        self.world: sandbox_world.World
        self.app: App

    async def open(self) -> None:
        discord, provider = await self.discord.start(), await self.provider.start()
        self._open.push_async_callback(self.discord.stop)
        self._open.push_async_callback(self.provider.stop)
        self.world = sandbox_world.World.of(discord, provider)
        self.http = await self._open.enter_async_context(aiohttp.ClientSession())
        await self.start_bot()
        self._open.push_async_callback(self._leave)
        await sandbox_world.set_up_guild(self.app, self.world)
        await self.app.preferences.set_for_guild(self.world.guild, by=1, confirm_above_mcr=milli(10_000_000))

    async def start_bot(self, **changes: object) -> None:
        settings = sandbox_world.settings_for(self.world, self.folder, load(_env_file=None, http_port=0))
        settings = settings.model_copy(update=self.settings | changes)
        self.app = await App.start(settings, provider_name=sandbox_world.PROVIDER_NAME, clock=BriskClock())
        self.writes.listen_to(self.app.database)

    async def restart_bot(self, **changes: object) -> None:
        await self.app.stop()
        await self.start_bot(**changes)

    async def close(self) -> None:
        await self._open.aclose()

    async def _leave(self) -> None:
        await assert_ledger_is_sound(self.app.database)
        await self.app.stop()

    @staticmethod
    def gate() -> asyncio.Event:
        return asyncio.Event()

    # What people do

    async def do(self, user: str, kind: str, *, channel: str = "", **rest: object) -> Answer:
        """Begin an interaction and wait for its end."""
        channel = channel or str(self.world.channel)
        begun = await self.begin_any(user, kind, channel=channel, **rest)
        state = await self.get(f"/_sandbox/interactions/{begun}", wait_s=str(LOOK_S))
        return Answer(
            begun, state["state"], state["message_id"], bool(state["ephemeral"]), state["choices"], channel, user
        )

    async def begin_any(self, user: str, kind: str, **rest: object) -> str:
        """Begin an interaction, and do not wait for an answer that may never come; gives its id."""
        place = {"guild": str(self.world.guild), "channel": str(self.world.channel)}
        begun = await self.post("/_sandbox/interactions", {"user": user, "type": kind, **place, **rest})
        return begun["id"]

    async def command(
        self,
        user: str,
        name: str,
        /,
        *,
        channel: str = "",
        files: Mapping[str, tuple[str, bytes]] | None = None,
        **options: object,
    ) -> Answer:
        """Send a slash command."""
        sent = {
            option: {"name": file, "base64": base64.b64encode(content).decode()}
            for option, (file, content) in (files or {}).items()
        }
        return await self.do(user, "command", channel=channel, name=name, options=options, files=sent)

    async def choices(self, user: str, name: str, focused: str, /, **options: object) -> list[Mapping[str, Any]]:
        """What autocomplete offers for an option."""
        answer = await self.do(user, "autocomplete", name=name, options=options, focused=focused)
        assert answer.choices is not None
        return answer.choices

    async def press(self, user: str, message: Message, label: str) -> Answer:
        """Press the button of that label."""
        custom_id = next(one["custom_id"] for one in buttons(message) if one["label"] == label)
        channel = str(message["channel_id"])
        return await self.do(user, "component", channel=channel, message_id=message["id"], custom_id=custom_id)

    # What people see

    async def messages(self, user: str, channel: str = "") -> list[Message]:
        return await self.get("/_sandbox/messages", channel=channel or str(self.world.channel), **{"as": user})

    async def until(self, user: str, ready: Callable[[list[Message]], Any], channel: str = "") -> Any:
        """Wait until what this person sees of a channel satisfies `ready`; gives what `ready` gave."""
        query = {"channel": channel or str(self.world.channel), "as": user}
        version = "0"
        seen: list[Message] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    wait = {**query, "wait_s": str(PATIENCE_S), "after_version": version}
                    async with self.http.get(self.world.discord_url + "/_sandbox/messages", params=wait) as response:
                        version = response.headers["X-Sandbox-Version"]
                        seen = await response.json()
                    if found := ready(seen):
                        return found
        except TimeoutError:
            raise AssertionError(f"it never came; {user} sees {[words(one) for one in seen]}") from None

    async def seen(self, answer: Answer, ready: Callable[[Message], Any] = lambda _: True) -> Message:
        """Wait until the message of an answer satisfies `ready`."""

        def look(messages: list[Message]) -> Message | None:
            return next((one for one in messages if one["id"] == answer.message and ready(one)), None)

        return await self.until(answer.user, look, answer.channel)

    async def running(self, answer: Answer) -> Message:
        """Wait until the provider runs all of a job's predictions; gives its card. Only then may time be moved."""
        card = await self.seen(answer, is_running)
        await self.submitted(short_id(card))
        return card

    async def text(self, answer: Answer) -> str:
        """All the words of an answer's message."""
        return words(await self.seen(answer))

    async def balance(self, user: str) -> tuple[int, int]:
        """Available and held, in milli-credits."""
        balance = await self.app.ledger.balance(self.world.guild, self.world.members[user])
        return balance.available_mcr, balance.held_mcr

    async def ended(self, short_id: str, *states: str) -> Any:
        """Wait until a job is in one of these states."""
        return await self.job(short_id, lambda found: found.job.state in states)

    async def job(self, short_id: str, ready: Callable[[Any], bool]) -> Any:
        """Wait until a job satisfies `ready`."""
        snapshot = None

        async def look() -> Any:
            nonlocal snapshot
            snapshot = await self.app.jobs.find(self.world.guild, short_id)
            return snapshot if ready(snapshot) else None

        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.writes.until(look)
        except TimeoutError:
            raise AssertionError(f"job {short_id} never came so far: {snapshot}") from None

    async def only_job(self, user: str) -> str:
        """Wait until there is a job of this person, the only one; gives its short id."""
        member = self.world.members[user]
        (snapshot,) = await self.writes.until(lambda: self.app.jobs.of_member(self.world.guild, member))
        return snapshot.job.short_id

    async def submitted(self, short_id: str) -> Any:
        """Wait until the provider runs all of a job's predictions."""
        return await self.job(short_id, _is_submitted)

    # What happens to the world

    async def happen(self, what: str, **how: object) -> Mapping[str, Any]:
        return await self.post("/_sandbox/world", {"do": what, **how})

    async def fault(self, method: str, path: str, **how: object) -> None:
        await self.post("/_sandbox/faults", [{"method": method, "path": path, **how}])

    def age(self, seconds: float) -> None:
        """Let Discord's time pass."""
        self.discord.clock.advance(seconds)

    def run_on(self, seconds: float) -> None:
        """Let the provider's time pass."""
        self.provider.clock.advance(seconds)

    def run_to(self, part: float = 1.0) -> None:
        """Let the provider's time pass until all that it runs is this far, or at its end; how long takes is drawn."""
        going = [run for run in self.provider.runs.newest_first() if not run.status.is_terminal]
        due = max(run.starts + part * (run.ends - run.starts) for run in going)
        self.run_on(max(0.0, due - self.provider.clock.now()))

    async def exchanges(self, method: str, part: str) -> list[Mapping[str, Any]]:
        """What the bot asked of Discord."""
        async with self.http.get(self.world.discord_url + "/_sandbox/exchanges") as response:
            every = [json.loads(line) for line in (await response.text()).splitlines() if line]
        return [one for one in every if one["method"] == method and part in one["path"]]

    async def predictions(self) -> list[Mapping[str, Any]]:
        """Everything that the provider was ever asked to run."""
        async with self.http.get(f"{self._provider}/_sandbox/predictions") as response:
            return await response.json()

    async def creates(self) -> list[Mapping[str, Any]]:
        """What the bot asked the provider to run."""
        async with self.http.get(f"{self._provider}/_sandbox/exchanges") as response:
            every = [json.loads(line) for line in (await response.text()).splitlines() if line]
        return [one for one in every if one["method"] == "POST" and one["path"].endswith("/predictions")]

    @property
    def _provider(self) -> str:
        return "/".join(self.world.provider_url.split("/")[:3])

    async def post(self, path: str, body: object) -> Any:
        async with self.http.post(self.world.discord_url + path, json=body) as response:
            assert response.ok, await response.text()
            return await response.json()

    async def get(self, path: str, **query: str) -> Any:
        async with self.http.get(self.world.discord_url + path, params=query) as response:
            assert response.ok, await response.text()
            return await response.json()


def _is_submitted(snapshot: Any) -> bool:
    return bool(snapshot.predictions) and all(run.provider_id for run in snapshot.predictions)


def buttons(message: Message) -> list[Mapping[str, Any]]:
    """A message's buttons."""
    return [one for row in message.get("components", ()) for one in row["components"]]


def words(message: Message) -> str:
    """A message's content and the descriptions and footers of its embeds."""
    embeds = message.get("embeds", ())
    parts = [message["content"], *(embed.get("description", "") for embed in embeds)]
    return "\n".join([*parts, *(embed.get("footer", {}).get("text", "") for embed in embeds)])


def short_id(message: Message) -> str:
    """The id of the job that a card shows."""
    return message["embeds"][0]["footer"]["text"].removeprefix("Job ")


def is_ready(message: Message) -> bool:
    return "**Ready**" in message["content"]


def is_over(message: Message) -> bool:
    return any(f"**{word}**" in message["content"] for word in ("Ready", "Failed", "Cancelled"))


def is_running(message: Message) -> bool:
    return "Imagining" in message["content"] and "Waiting" not in words(message)
