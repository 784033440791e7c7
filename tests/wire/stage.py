"""The real bot between the two sandboxes, and its users. Tests wait for events, never for a fixed time."""

import asyncio
import base64
import json
import os
import re
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp

from bot.app.app import App
from bot.app.shutdown import LEAST_S, BoundedShutdown
from bot.chat.discord.key_values import KeyValueStore
from bot.cli import sandbox_world
from bot.clock import AGREEING_SAMPLES
from bot.jobs.checkpoints import Checkpoints
from bot.money import milli
from bot.settings import Settings, load
from sandbox.clock import SandboxClock
from sandbox.discord.gateway.session_starts import GatewayLimits
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.world.state import Command
from sandbox.provider.server import Detail, ProviderSandbox
from tests.brisk_clock import BriskClock
from tests.invariants import assert_ledger_is_sound
from tests.new_database import write_new
from tests.present import present
from tests.stepped_time import SteppedTime
from tests.wire.shared_workers import shared_workers
from tests.wire.writes import Writes

PATIENCE_S = 120
"""How long to wait for an event before the test fails; only a failing test waits this long, even on a busy machine."""

POLL_S = 30
"""How long one request waits for a new message, in seconds; the sandbox allows 60."""

SEED = 4
"""Makes the provider's ids, seeds and durations the same in every run of the tests."""

PAUSED_SPEED = 0.01
"""The speed of a provider whose runs do not end until a test calls `advance_runs`."""

IDENTIFY_S = 0.1
"""One session may start per this many real seconds. The bot waits 0.26 s, so delays on a busy machine do no harm."""

ANSWER_WAIT_S = 30.0
"""How long to wait until an interaction is answered or fails (after 3 s), on a busy machine."""

REGISTERED: list[Command] = []
"""The commands that the first bot of this process registered. Later bots find them at Discord when they start."""

DIGESTS: dict[str, str] = {}
"""The first bot's record of the commands that it registered, by scope. Later bots start with it."""

EPHEMERAL = 1 << 6
LOADING = 1 << 7
"""The message flag that shows that the bot is thinking."""
REPLY = 19
"""The type of a message that replies to another one."""

CARD_BELOW = re.compile(r"Started: job \S+ is below\.|已开始.任务 \S+ 见下方")
"""A deferred answer, which means that the order's card is another message."""

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """The final state of an interaction: its message, privacy and choices."""

    id: str
    state: str
    message: str | None
    private: bool
    choices: list[Mapping[str, Any]] | None
    channel: str
    user: str


@cache
def _base_settings() -> Settings:
    """Read the settings from the environment once, because that takes as long as a few requests."""
    return load(_env_file=None, http_port=0)


def recording() -> Path | None:
    """Return the file in which to record requests to Discord, for the check against its OpenAPI (see `.ci/run`)."""
    folder = os.environ.get("EASEL_RECORD")
    return Path(folder) / f"{uuid.uuid4().hex}.jsonl" if folder else None


class PatientShutdown(BoundedShutdown):
    """Waits until the database is closed, even on a busy machine, because the next bot opens it again."""

    def push_stop(self, stop, name, *, most_s=None, least_s=LEAST_S) -> None:
        least_s = PATIENCE_S if name == "the database" else least_s
        super().push_stop(stop, name, most_s=most_s, least_s=least_s)


class Stage:
    """One guild, its people, and the bot. The clocks of Discord and of the provider move independently."""

    def __init__(
        self,
        folder: Path,
        *,
        speed: float = 1_000.0,
        detail: Detail = Detail.SKETCH,
        first_start: bool = False,
        time: SteppedTime | None = None,
        gateway: GatewayLimits | None = None,
        shutdown: type[BoundedShutdown] = PatientShutdown,
        **settings: object,
    ) -> None:
        """Set up the sandboxes; `settings` override the bot's settings for a sandbox.

        Discord already has the bot's commands, unless this is its `first_start`. A given `time` is used by the bot and
        both sandboxes.
        """
        self.folder = folder
        self.clock = time or BriskClock()
        self._first_start = first_start
        self.settings = settings
        self._shutdown = shutdown
        limits = gateway or GatewayLimits(identify_s=0 if time else IDENTIFY_S)
        self.discord = DiscordSandbox(time.sandbox if time else SandboxClock(), record=recording(), gateway=limits)
        clock = time.sandbox if time else SandboxClock()
        self.provider = ProviderSandbox(clock=clock, speed=speed, seed=SEED, detail=detail)
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
        write_new(self.folder / "easel.db")
        if not self._first_start:
            self._add_registered_commands()
        await self.start_bot()
        await self._keep_registered_commands()
        self._open.push_async_callback(self._leave)
        await sandbox_world.set_up_guild(self.app, self.world)
        await self.app.preferences.set_for_guild(self.world.guild, by=1, confirm_above_mcr=milli(10_000_000))

    async def start_bot(self, *, steps: Checkpoints | None = None, **changes: object) -> None:
        """Start the bot with these changes to its settings; `steps` is notified of each step of each job."""
        settings = sandbox_world.settings_for(self.world, self.folder, _base_settings())
        settings = settings.model_copy(update=self.settings | changes)
        self.app = await App.start(
            settings,
            provider_name=sandbox_world.PROVIDER_NAME,
            clock=self.clock,
            steps=steps,
            start_worker=shared_workers().start,
            shutdown=self._shutdown(),
        )
        self.writes.listen_to(self.app.database)

    def _add_registered_commands(self) -> None:
        for one in REGISTERED:
            guild = None if one.guild_id is None else self.world.guild
            self.discord.world.commands[one.id] = replace(one, guild_id=guild)
        with closing(sqlite3.connect(self.folder / "easel.db")) as database, database:
            database.execute("PRAGMA synchronous = OFF")  # nobody needs the file after a crash
            rows = [(self._scopes[scope], digest) for scope, digest in DIGESTS.items()]
            database.executemany("INSERT INTO chat_memory (name, value) VALUES (?, ?)", rows)

    async def _keep_registered_commands(self) -> None:
        if not REGISTERED:
            REGISTERED.extend(self.discord.world.commands.values())
            memory = KeyValueStore(self.app.database)
            DIGESTS.update({scope: present(await memory.get(name)) for scope, name in self._scopes.items()})

    @property
    def _scopes(self) -> Mapping[str, str]:
        """The names under which the bot remembers the commands of each scope."""
        application = self.discord.world.application.id
        return {
            "everywhere": f"commands:{application}:global",
            "at home": f"commands:{application}:{self.world.guild}",
        }

    async def restart_bot(self, *, steps: Checkpoints | None = None, **changes: object) -> None:
        await self.app.stop()
        await self.start_bot(steps=steps, **changes)

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
        """Start an interaction and wait for its answer."""
        channel = channel or str(self.world.channel)
        begun = await self.begin_interaction(user, kind, channel=channel, **rest)
        state = await self.get(f"/_sandbox/interactions/{begun}", wait_s=str(ANSWER_WAIT_S))
        return Answer(
            begun, state["state"], state["message_id"], bool(state["ephemeral"]), state["choices"], channel, user
        )

    async def begin_interaction(self, user: str, kind: str, **rest: object) -> str:
        """Start an interaction without waiting for its answer, and return its id."""
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
        """Return the autocomplete choices of an option."""
        answer = await self.do(user, "autocomplete", name=name, options=options, focused=focused)
        assert answer.choices is not None
        return answer.choices

    async def press(self, user: str, message: Message, label: str) -> Answer:
        """Press the button with this label."""
        custom_id = next(one["custom_id"] for one in buttons(message) if one["label"] == label)
        channel = str(message["channel_id"])
        return await self.do(user, "component", channel=channel, message_id=message["id"], custom_id=custom_id)

    # What people see

    async def messages(self, user: str, channel: str = "") -> list[Message]:
        return await self.get("/_sandbox/messages", channel=channel or str(self.world.channel), **{"as": user})

    async def messages_but_pings(self, user: str) -> list[Message]:
        """Return the messages that a user sees in the channel, without pings: short replies to a slow card."""
        found = await self.messages(user)
        return [one for one in found if one["type"] != REPLY or one["attachments"] or one["embeds"]]

    async def until(self, user: str, ready: Callable[[list[Message]], Any], channel: str = "") -> Any:
        """Wait until `ready`, called with the messages that this user sees in a channel, is true; return its result."""
        query = {"channel": channel or str(self.world.channel), "as": user}
        version = "0"
        seen: list[Message] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    wait = {**query, "wait_s": str(POLL_S), "after_version": version}
                    async with self.http.get(self.world.discord_url + "/_sandbox/messages", params=wait) as response:
                        version = response.headers["X-Sandbox-Version"]
                        seen = await response.json()
                    if found := ready(seen):
                        return found
        except TimeoutError:
            raise AssertionError(f"not within {PATIENCE_S} s; {user} sees {[text_of(one) for one in seen]}") from None

    async def message_of(self, answer: Answer, ready: Callable[[Message], Any] = lambda _: True) -> Message:
        """Wait until the message of an answer satisfies `ready` and is no longer a deferral, and return it.

        On a busy machine, an order may be deferred. Its card is then a second message of the interaction.
        """

        def look(messages: list[Message]) -> Message | None:
            found = next((one for one in messages if one["id"] == answer.message and not one["flags"] & LOADING), None)
            if found is not None and CARD_BELOW.match(found["content"]):
                found = next((one for one in messages if _is_second(one, found, answer)), None)
            return found if found is not None and ready(found) else None

        return await self.until(answer.user, look, answer.channel)

    async def is_public(self, answer: Answer) -> bool:
        """Return whether everyone can see an answer's content: on a slow machine, the card is another message."""
        return not (await self.message_of(answer))["flags"] & EPHEMERAL

    async def message_of_id(
        self, user: str, message: str, ready: Callable[[Message], Any], channel: str = ""
    ) -> Message:
        """Wait until the message with this id satisfies `ready`, and return it."""

        def look(messages: list[Message]) -> Message | None:
            return next((one for one in messages if one["id"] == message and ready(one)), None)

        return await self.until(user, look, channel)

    async def until_running(self, answer: Answer) -> Message:
        """Wait until the provider runs all of a job's predictions (only then may time advance); return the card."""
        card = await self.message_of(answer, is_running)
        await self.until_submitted(short_id(card))
        return card

    async def text(self, answer: Answer) -> str:
        """Return the text of an answer's message."""
        return text_of(await self.message_of(answer))

    async def balance(self, user: str) -> tuple[int, int]:
        """Return the available and the held balance, in milli-credits."""
        balance = await self.app.ledger.balance(self.world.guild, self.world.members[user])
        return balance.available_mcr, balance.held_mcr

    async def until_state(self, short_id: str, *states: str) -> Any:
        """Wait until a job is in one of these states, and return its snapshot."""
        return await self.job(short_id, lambda found: found.job.state in states)

    async def job(self, short_id: str, ready: Callable[[Any], bool]) -> Any:
        """Wait until a job's snapshot satisfies `ready`, and return it."""
        snapshot = None

        async def look() -> Any:
            nonlocal snapshot
            snapshot = await self.app.jobs.find(self.world.guild, short_id)
            return snapshot if ready(snapshot) else None

        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.writes.until(look)
        except TimeoutError:
            raise AssertionError(f"job {short_id} is not ready within {PATIENCE_S} s: {snapshot}") from None

    async def only_job(self, user: str) -> str:
        """Wait until this user has a job, check that it is the only one, and return its short id."""
        member = self.world.members[user]
        (snapshot,) = await self.writes.until(lambda: self.app.jobs.of_member(self.world.guild, member))
        return snapshot.job.short_id

    async def until_submitted(self, short_id: str) -> Any:
        """Wait until the provider runs all of a job's predictions."""
        return await self.job(short_id, _is_submitted)

    # Changes to the world

    async def change_world(self, what: str, **how: object) -> Mapping[str, Any]:
        return await self.post("/_sandbox/world", {"do": what, **how})

    async def fault(self, method: str, path: str, **how: object) -> None:
        await self.post("/_sandbox/faults", [{"method": method, "path": path, **how}])

    async def heal(self) -> None:
        """Remove all faults from Discord."""
        async with self.http.delete(self.world.discord_url + "/_sandbox/faults") as response:
            assert response.ok

    async def provider_fault(self, method: str, path: str, **how: object) -> None:
        faults = [{"method": method, "path": path, **how}]
        async with self.http.post(f"{self._provider}/_sandbox/faults", json=faults) as response:
            assert response.ok, await response.text()

    async def heal_provider(self) -> None:
        """Remove all faults from the provider."""
        async with self.http.delete(f"{self._provider}/_sandbox/faults") as response:
            assert response.ok

    async def until_faults_met(self, address: str = "") -> None:
        """Wait until each fault of a sandbox, Discord's by default, has been applied as often as requested."""
        while True:
            async with self.http.post(f"{address or self.world.discord_url}/_sandbox/faults", json=[]) as response:
                if not (await response.json())["waiting"]:
                    return

    def advance_discord(self, seconds: float) -> None:
        """Advance Discord's clock, and show the bot the new time as if Discord had answered a few requests since."""
        self.discord.clock.advance(seconds)
        for _ in range(AGREEING_SAMPLES if hasattr(self, "app") else 0):  # the crash tests' bot is in another process
            self.app._core.discord_clock.observe(formatdate(self.discord.clock.now(), usegmt=True))

    def advance_provider(self, seconds: float) -> None:
        """Advance the provider's clock."""
        self.provider.clock.advance(seconds)

    def advance_runs(self, part: float = 1.0) -> None:
        """Advance the provider's clock until every running prediction has completed this part of its duration."""
        running = [run for run in self.provider.runs.newest_first() if not run.status.is_terminal]
        due = max(run.starts + part * (run.ends - run.starts) for run in running)
        self.advance_provider(max(0.0, due - self.provider.clock.now()))

    async def exchanges(self, method: str, part: str) -> list[Mapping[str, Any]]:
        """Return the recorded requests to Discord with this method whose path contains `part`."""
        async with self.http.get(self.world.discord_url + "/_sandbox/exchanges") as response:
            every = [json.loads(line) for line in (await response.text()).splitlines() if line]
        return [one for one in every if one["method"] == method and part in one["path"]]

    async def predictions(self) -> list[Mapping[str, Any]]:
        """Return all predictions that were ever created."""
        async with self.http.get(f"{self._provider}/_sandbox/predictions") as response:
            return await response.json()

    async def creates(self) -> list[Mapping[str, Any]]:
        """Return the recorded requests that create predictions."""
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


ROW, TEXT_DISPLAY = 1, 10


def _is_second(message: Message, first: Message, answer: Answer) -> bool:
    """Return whether this is a message of the answer's interaction other than the first one."""
    return message["id"] != first["id"] and message.get("interaction_metadata", {}).get("id") == answer.id


def components(message: Message) -> list[Mapping[str, Any]]:
    """Return a message's components, including nested ones, parents before their children."""

    def below(component: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        children = [*component.get("components", ()), *filter(None, [component.get("accessory")])]
        return [component, *(deeper for child in children for deeper in below(child))]

    return [one for component in message.get("components", ()) for one in below(component)]


def buttons(message: Message) -> list[Mapping[str, Any]]:
    """Return a message's buttons and selects."""
    rows = [one for one in components(message) if one["type"] == ROW]
    return [one for row in rows for one in row["components"]]


def text_of(message: Message) -> str:
    """Return a message's content, the descriptions and footers of its embeds, and the text in its components."""
    embeds = message.get("embeds", ())
    parts = [message["content"], *(embed.get("description", "") for embed in embeds)]
    parts += [embed.get("footer", {}).get("text", "") for embed in embeds]
    return "\n".join([*parts, *(one["content"] for one in components(message) if one["type"] == TEXT_DISPLAY)])


def short_id(message: Message) -> str:
    """Return the id of the job that a card shows."""
    return message["embeds"][0]["footer"]["text"].removeprefix("Job ")


def is_ready(message: Message) -> bool:
    return "**Ready**" in message["content"]


def is_over(message: Message) -> bool:
    return any(f"**{word}**" in message["content"] for word in ("Ready", "Failed", "Cancelled"))


def is_running(message: Message) -> bool:
    return "Imagining" in message["content"] and "Waiting" not in text_of(message)
