"""A REST client that sends any request, valid or not."""

import io
import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def refusal(self) -> tuple[int, int | None]:
        """Return the status and code; `(200, None)` for a success."""
        code = self.body.get("code") if isinstance(self.body, dict) and self.status >= 400 else None
        return self.status, code

    @property
    def errors(self) -> Json:
        return self.body["errors"]


@dataclass(frozen=True)
class Caller:
    """Calls the sandbox as the bot, and acts as its members through the control interface."""

    session: aiohttp.ClientSession
    sandbox: DiscordSandbox
    clock: SandboxClock
    ready: Json

    @property
    def guild(self) -> str:
        return self.ready["guild_id"]

    @property
    def channel(self) -> str:
        return self.ready["channel_id"]

    @property
    def application(self) -> str:
        return self.ready["application_id"]

    async def api(
        self, method: str, path: str, payload: object = None, *, files: dict[str, bytes] | None = None, token: str = ""
    ) -> Answer:
        """Make a REST request with the bot's token (or another)."""
        headers = {"Authorization": f"Bot {token or self.ready['token']}"}
        url = f"{self.ready['url']}/api/v10{path}"
        body: Json = {"json": payload} if payload is not None else {}
        if files is not None:
            body = {"data": multipart(payload, files)}
        async with self.session.request(method, url, headers=headers, **body) as response:
            return Answer(response.status, parsed(await response.text()), dict(response.headers))

    async def post(
        self, payload: object, *, channel: str | None = None, files: dict[str, bytes] | None = None
    ) -> Answer:
        """Send a message into a channel."""
        return await self.api("POST", f"/channels/{channel or self.channel}/messages", payload, files=files)

    async def control(self, path: str, payload: Json) -> Json:
        """Make a control request; an error fails the test."""
        async with self.session.post(f"{self.ready['url']}/_sandbox/{path}", json=payload) as response:
            text = await response.text()
            assert response.status == 200, text
            return json.loads(text)

    async def world(self, do: str, **how: object) -> Json:
        """Change the world."""
        return await self.control("world", {"do": do, **how})

    def member(self, name: str) -> str:
        """Return a member's id."""
        return self.ready["members"][name]["id"]

    async def register(self, *commands: Json, guild: bool = True) -> Answer:
        """Register these as the bot's commands."""
        scope = f"/guilds/{self.guild}" if guild else ""
        return await self.api("PUT", f"/applications/{self.application}{scope}/commands", list(commands))

    async def interact(self, kind: str = "command", **what: object) -> "Interacting":
        """Start an interaction as mira."""
        wanted: Json = {"user": "mira", "channel": self.channel, "type": kind, **what}
        began = await self.control("interactions", wanted)
        interaction = self.sandbox.world.interactions[int(began["id"])]
        return Interacting(self, began["id"], interaction.token)


@dataclass(frozen=True)
class Interacting:
    """One interaction, answered by the test."""

    caller: Caller
    id: str
    token: str

    async def answer(self, kind: int, data: object = None, *, files: dict[str, bytes] | None = None) -> Answer:
        payload = {"type": kind} | ({} if data is None else {"data": data})
        return await self.caller.api("POST", f"/interactions/{self.id}/{self.token}/callback", payload, files=files)

    async def edit(
        self, payload: object, *, message: str = "@original", files: dict[str, bytes] | None = None
    ) -> Answer:
        return await self.webhook("PATCH", f"/messages/{message}", payload, files=files)

    async def follow_up(self, payload: object) -> Answer:
        return await self.webhook("POST", "", payload)

    async def webhook(
        self, method: str, path: str, payload: object = None, *, files: dict[str, bytes] | None = None
    ) -> Answer:
        return await self.caller.api(
            method, f"/webhooks/{self.caller.application}/{self.token}{path}", payload, files=files
        )


def multipart(payload: object, files: dict[str, bytes]) -> aiohttp.FormData:
    """Build a multipart body with files, as libraries do."""
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(payload or {}), content_type="application/json")
    for index, (name, content) in enumerate(files.items()):
        form.add_field(f"files[{index}]", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    return form


def parsed(text: str) -> Any:
    """Parse a response's body; None if it is empty."""
    return json.loads(text) if text else None


def where(errors: Any, path: str = "") -> list[tuple[str, str]]:
    """Return an error tree as a flat list of (path, code)."""
    found: list[tuple[str, str]] = []
    for key, value in errors.items():
        if key == "_errors":
            found += [(path, one["code"]) for one in value]
        else:
            found += where(value, f"{path}.{key}" if path else key)
    return found
