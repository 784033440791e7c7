"""A client that calls the sandbox as a bot over plain HTTP, and as its members through the control interface."""

import base64
import io
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from PIL import Image

from sandbox.discord.server import DiscordSandbox
from tests.patience import PATIENCE_S


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Any

    @property
    def code(self):
        return (self.status, self.body["code"])

    @property
    def problems(self):
        """Return the codes in the error tree of a 50035, by dotted path."""
        return dict(_leaves(self.body["errors"], ()))


def _leaves(tree, path):
    for key, value in tree.items():
        if key == "_errors":
            yield ".".join(path), [one["code"] for one in value]
        else:
            yield from _leaves(value, (*path, key))


class SandboxClient:
    def __init__(self, server: DiscordSandbox, ready: dict[str, Any], session: aiohttp.ClientSession) -> None:
        self.server = server
        self.ready = ready
        self.base = ready["url"]
        self.token = ready["token"]
        self.app = ready["application_id"]
        self.guild = ready["guild_id"]
        self.session = session

    def id(self, name):
        return self.ready["members"][name]["id"]

    def channel(self, name="general"):
        return str(next(one.id for one in self.server.world.channels.values() if one.name == name))

    async def call(self, method, path, payload=None, *, files=None, headers=None, auth=True):
        """Make a REST request with the bot's token; files are sent as multipart next to payload_json."""
        sent = {"Authorization": f"Bot {self.token}"} if auth else {}
        arguments: dict[str, Any] = {"headers": sent | (headers or {})}
        if files:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(payload or {}), content_type="application/json")
            for index, (name, content) in enumerate(files):
                form.add_field(f"files[{index}]", content, filename=name, content_type="application/octet-stream")
            arguments["data"] = form
        elif payload is not None:
            arguments["json"] = payload
        async with self.session.request(method, f"{self.base}/api/v10{path}", **arguments) as response:
            raw = await response.read()
            body = json.loads(raw) if "json" in response.headers.get("Content-Type", "") else raw or None
            return Answer(response.status, body, response.headers)

    async def control(self, method, path, payload=None, *, status=200, user=None, **query):
        """Make a control request, as seen by `user` if given, and check the status of its response."""
        if user is not None:
            query["as"] = user
        async with self.session.request(method, f"{self.base}/_sandbox{path}", json=payload, params=query) as response:
            body = await response.json(content_type=None)
            assert response.status == status, body
            return body

    async def world(self, do, **ids):
        return await self.control("POST", "/world", {"do": do, **ids})

    async def register(self, *commands, guild=None):
        scope = f"/guilds/{guild}" if guild else ""
        answer = await self.call("PUT", f"/applications/{self.app}{scope}/commands", list(commands))
        assert answer.status == 200, answer.body
        return answer.body

    async def interact(self, kind="command", *, user="mira", channel=None, status=200, **more):
        channel = channel or self.channel()
        body = {"type": kind, "user": user, "channel": channel, **more}
        return (await self.control("POST", "/interactions", body, status=status)).get("id")

    async def refused(self, kind="command", *, user="mira", channel=None, **more):
        body = {"type": kind, "user": user, "channel": channel or self.channel(), **more}
        return (await self.control("POST", "/interactions", body, status=400))["error"]

    async def outcome(self, interaction_id):
        return await self.control("GET", f"/interactions/{interaction_id}", wait_s=PATIENCE_S)

    async def messages(self, user="mira", channel=None):
        return await self.control("GET", "/messages", channel=channel or self.channel(), user=user)

    async def until(self, accept, *, user="mira", channel=None):
        """Wait until `accept` is true for the messages that a user sees, and return them."""
        version = 0
        while True:
            place = {"channel": channel or self.channel(), "as": user}
            query = {**place, "wait_s": str(PATIENCE_S), "after_version": str(version)}
            async with self.session.get(f"{self.base}/_sandbox/messages", params=query) as response:
                messages = await response.json()
                assert int(response.headers["X-Sandbox-Version"]) > version, f"nothing happened for {PATIENCE_S} s"
                version = int(response.headers["X-Sandbox-Version"])
            if accept(messages):
                return messages

    def interaction(self, interaction_id):
        return self.server.world.interactions[int(interaction_id)]

    async def asked(self, *, name="ping", **more):
        """Use a command, registering it if necessary, and return its unanswered interaction."""
        if not any(one.name == name for one in self.server.world.commands.values()):
            await self.register({"name": name, "description": "A test"})
        return Question(self, await self.interact(name=name, **more))


class Question:
    """An interaction as the bot receives it: its id and token."""

    def __init__(self, sandbox: SandboxClient, interaction_id: str) -> None:
        self.sandbox = sandbox
        self.id = interaction_id
        self.token = sandbox.interaction(interaction_id).token

    async def callback(self, payload, *, files=None, with_response=True):
        query = "?with_response=true" if with_response else ""
        path = f"/interactions/{self.id}/{self.token}/callback{query}"
        return await self.sandbox.call("POST", path, payload, files=files, auth=False)

    async def reply(self, content="hello", **data):
        answer = await self.callback({"type": 4, "data": {"content": content, **data}})
        assert answer.status == 200, answer.body
        return answer.body["resource"]["message"]

    async def defer(self, **data):
        answer = await self.callback({"type": 5, "data": data})
        assert answer.status == 200, answer.body
        return answer.body["interaction"]["response_message_id"]

    async def webhook(self, method, path="", payload=None, *, files=None):
        base = f"/webhooks/{self.sandbox.app}/{self.token}"
        return await self.sandbox.call(method, base + path, payload, files=files, auth=False)

    async def edit(self, payload, *, message="@original", files=None):
        return await self.webhook("PATCH", f"/messages/{message}", payload, files=files)

    async def outcome(self):
        return await self.sandbox.outcome(self.id)


def picture(size=(8, 6), colour="red"):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def encoded(name, content):
    return {"name": name, "base64": base64.b64encode(content).decode()}
