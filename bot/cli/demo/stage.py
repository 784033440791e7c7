"""The demo's client for the sandbox's control API: sends commands, presses buttons and reads messages like a user."""

import base64
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.errors import EaselError

Message = Mapping[str, Any]

Files = Mapping[str, tuple[str, bytes]]
"""A command's files, keyed by option, each with its name and content."""

BUTTON = 2
"""Discord's number for a button."""

PATIENCE_S = 60.0
"""The longest time in seconds to wait for any single message."""

LOOK_S = 5.0
"""How long to wait for the bot's answer to an interaction, in seconds."""


class DemoError(EaselError):
    """The demo did not go as scripted. Facts: `what`."""

    message = "the demo failed: {what}"


@dataclass(frozen=True, slots=True)
class BotReply:
    """The bot's answer to an interaction: its message, the milliseconds it took, and whether only `user` sees it.

    `form` is the id of the form that it opened instead; None if it opened none.
    """

    user: str
    channel: str
    message_id: str
    ack_ms: float
    private: bool
    form: str | None = None


class Stage:
    """One guild of the sandbox, accessed through the control API."""

    def __init__(self, session: aiohttp.ClientSession, url: str, guild: int, channel: int) -> None:
        self._session = session
        self._url = url
        self._guild = str(guild)
        self.channel = str(channel)

    async def command(
        self, user: str, name: str, options: Mapping[str, object], files: Files | None = None
    ) -> BotReply:
        """Send a slash command as a person and wait for the bot's answer. Raises DemoError if there is none."""
        sent = {
            "user": user,
            "guild": self._guild,
            "channel": self.channel,
            "type": "command",
            "name": name,
            "options": options,
            "files": {
                option: {"name": file, "base64": base64.b64encode(content).decode()}
                for option, (file, content) in (files or {}).items()
            },
        }
        interaction = await self._post("/_sandbox/interactions", sent)
        return await self._answer(user, str(interaction["id"]), self.channel)

    async def press(self, user: str, message: Message, label: str) -> BotReply:
        """Press the button whose label starts with `label` and wait for the answer. Raises DemoError."""
        buttons = [button for row in message["components"] for button in row["components"]]
        found = next((one for one in buttons if one.get("label", "").startswith(label)), None)
        if found is None:
            raise DemoError(what=f"there is no button {label!r}")
        pressed = {"type": "component", "message_id": message["id"], "custom_id": found["custom_id"]}
        return await self._interact(user, str(message["channel_id"]), pressed)

    async def choose(self, user: str, message: Message, values: Sequence[str]) -> BotReply:
        """Choose values in the menu of a message and wait for the answer. Raises DemoError."""
        parts = [part for row in message["components"] for part in row["components"]]
        menu = next((one for one in parts if one["type"] != BUTTON), None)
        if menu is None:
            raise DemoError(what="there is no menu")
        chosen = {"type": "component", "message_id": message["id"], "custom_id": menu["custom_id"], "values": values}
        return await self._interact(user, str(message["channel_id"]), chosen)

    async def submit(self, answer: BotReply, values: Mapping[str, object]) -> BotReply:
        """Fill in the form that an answer opened, and send it. Raises DemoError if it opened none."""
        if answer.form is None:
            raise DemoError(what=f"no form was opened for {answer.user}")
        return await self._interact(
            answer.user, answer.channel, {"type": "modal", "custom_id": answer.form, "values": values}
        )

    async def places_and_roles(self) -> Mapping[str, str]:
        """Return the ids of the guild's channels and roles, keyed by how Discord shows them: `#studio`, `@Artist`."""
        world = await self._get("/_sandbox/world", {})
        guild = next(one for one in world["guilds"] if one["id"] == self._guild)
        channels = {f"#{one['name']}": str(one["id"]) for one in world["channels"]}
        return channels | {f"@{one['name'].removeprefix('@')}": str(one["id"]) for one in guild["roles"]}

    async def messages(self, user: str, channel: str = "") -> list[Message]:
        """Return the messages that a person sees in the channel, or in another one (`dm:NAME`), oldest first."""
        return await self._get("/_sandbox/messages", {"channel": channel or self.channel, "as": user})

    async def message(self, user: str, message_id: str, channel: str = "") -> Message | None:
        """Return a message as a person sees it; None if they cannot see it."""
        return next((message for message in await self.messages(user, channel) if message["id"] == message_id), None)

    async def newest(self, user: str, fits: Callable[[Message], bool], channel: str = "") -> Message:
        """Wait for a message that `fits`, as seen by this person. Raises DemoError if none comes."""
        async for _ in self._news(user):
            found = [message for message in await self.messages(user, channel) if fits(message)]
            if found:
                return found[-1]
        raise DemoError(what=f"a message to {user} never came")

    async def follow(self, answer: BotReply, until: Callable[[Message], bool]) -> AsyncIterator[Message]:
        """Yield an answer's message each time it changes, up to the first for which `until` is true.

        Raises DemoError if it does not get that far in time.
        """
        seen: Message | None = None
        async for _ in self._news(answer.user):
            message = await self.message(answer.user, answer.message_id, answer.channel)
            if message is None or message == seen:
                continue
            seen = message
            yield message
            if until(message):
                return
        raise DemoError(what=f"message {answer.message_id} did not change as expected")

    async def _news(self, user: str) -> AsyncIterator[bytes]:
        """Yield once immediately, and again at each event that this person can see, until patience is exhausted."""
        waiting = aiohttp.ClientTimeout(total=PATIENCE_S)
        stream = self._session.get(f"{self._url}/_sandbox/stream", params={"as": user}, timeout=waiting)
        with contextlib.suppress(TimeoutError):
            async with stream as lines:
                yield b""
                async for line in lines.content:
                    yield line

    async def download(self, url: str) -> bytes:
        """Download an attachment as a person's client would."""
        async with self._session.get(url) as response:
            if response.status != 200:  # noqa: PLR2004 - the HTTP status
                raise DemoError(what=f"an attachment answered {response.status}")
            return await response.read()

    async def _interact(self, user: str, channel: str, what: Mapping[str, object]) -> BotReply:
        where = {"user": user, "guild": self._guild, "channel": channel}
        interaction = await self._post("/_sandbox/interactions", {**where, **what})
        return await self._answer(user, str(interaction["id"]), channel)

    async def _answer(self, user: str, interaction: str, channel: str) -> BotReply:
        state = await self._get(f"/_sandbox/interactions/{interaction}", {"wait_s": str(LOOK_S)})
        if state["state"] != "acknowledged":
            raise DemoError(what=f"an interaction of {user} ended as {state['state']}")
        form = state["modal"]["custom_id"] if state["modal"] else None
        private = bool(state["ephemeral"])
        return BotReply(user, channel, str(state["message_id"]), float(state["ack_ms"]), private, form)

    async def _post(self, path: str, body: object) -> Mapping[str, Any]:
        async with self._session.post(self._url + path, json=body) as response:
            if not response.ok:
                raise DemoError(what=f"{path}: {await response.text()}")
            return await response.json()

    async def _get(self, path: str, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON of many shapes
        async with self._session.get(self._url + path, params=query) as response:
            if not response.ok:
                raise DemoError(what=f"{path}: {await response.text()}")
            return await response.json()
