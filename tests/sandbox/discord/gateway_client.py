"""A gateway client over a bare WebSocket."""

import json
import zlib

import aiohttp
import zstandard

from tests.patience import PATIENCE_S

GUILDS_AND_MESSAGES = 1 << 0 | 1 << 9

INVALID_SESSION = 9

IDENTIFY_S = 6.0
"""The seconds after which another session may begin."""


class GatewayClient:
    """Connects, identifies, and returns what the gateway sends."""

    def __init__(self, socket, compression=None):
        self.socket = socket
        self.sequence = None
        self.ready = None
        self._decompress = {
            None: lambda data: data,
            "zlib-stream": zlib.decompressobj().decompress,
            "zstd-stream": zstandard.ZstdDecompressor().decompressobj().decompress,
        }[compression]

    async def hear(self):
        message = await self.socket.receive(timeout=PATIENCE_S)
        if message.type is aiohttp.WSMsgType.CLOSE:
            return {"closed": message.data}  # `close_code` is 1006 if the reply to it could no longer be sent
        if message.type is aiohttp.WSMsgType.CLOSED:
            return {"closed": self.socket.close_code}
        payload = json.loads(self._decompress(message.data))
        self.sequence = payload.get("s") or self.sequence
        return payload

    async def say(self, op, data=None):
        await self.socket.send_json({"op": op, "d": data})

    async def until(self, event):
        while True:
            payload = await self.hear()
            assert payload.get("op") != INVALID_SESSION, f"the session was refused before {event}"
            if payload.get("t") == event or "closed" in payload:
                return payload

    async def identify(self, token, intents=GUILDS_AND_MESSAGES, **more):
        await self.say(2, {"token": token, "intents": intents, "properties": {}, **more})
        self.ready = (await self.until("READY")).get("d")
        return self.ready

    async def resume(self, other, token):
        await self.say(6, {"token": token, "session_id": other.ready["session_id"], "seq": other.sequence})
