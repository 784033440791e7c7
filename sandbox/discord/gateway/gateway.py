"""The gateway: HELLO, IDENTIFY, heartbeats, events, RESUME with replay, RECONNECT and invalid sessions.

Source: Discord's documentation, "Gateway", "Gateway Events" and "Opcodes and Status Codes". Heartbeats run on the
machine's clock: they keep a connection alive, and moving the sandbox's clock must not cut it.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from enum import IntEnum
from typing import cast

from aiohttp import WSMsgType, web

from sandbox.discord import payloads
from sandbox.discord.gateway.compression import Wire
from sandbox.discord.gateway.gateway_events import ALL_INTENTS, PRIVILEGED, Events
from sandbox.discord.gateway.member_chunks import members_chunk
from sandbox.discord.gateway.session_starts import SessionStarts
from sandbox.discord.gateway.sessions import Session
from sandbox.discord.rules.field_checks import as_snowflake
from sandbox.discord.world.event_bus import EventBus, WorldEvent
from sandbox.discord.world.state import Json, World
from sandbox.discord.world.tokens import new_token
from sandbox.json_text import parse_json

HEARTBEAT_MS = 41_250
ACK_AFTER_S = 0.02
"""How long the answer to a heartbeat is delayed, to imitate a real network.

discord.py 2.7.1 records the time of a heartbeat only after sending it (gateway.py, KeepAliveHandler.run). If the
answer arrived before that, discord.py would match it to the previous heartbeat.
"""

SENDS_PER_MINUTE = 120
LARGEST_PAYLOAD = 4_096
_log = logging.getLogger(__name__)


class Op(IntEnum):
    """Gateway opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    """The reasons for which the gateway closes a connection."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Refused(Exception):
    """Closes the connection because the client broke the gateway protocol."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code


class Gateway:
    """All sessions and connections of the bot."""

    def __init__(
        self, world: World, hub: EventBus, events: Events, starts: SessionStarts, *, heartbeat_ms: int = HEARTBEAT_MS
    ) -> None:
        self.base = ""
        self._world = world
        self._events = events
        self._starts = starts
        self._heartbeat_ms = heartbeat_ms
        self._sessions: dict[str, Session] = {}
        self._wires: set[Wire] = set()
        hub.listen(self._dispatch)

    def routes(self) -> list[web.RouteDef]:
        """List the routes; discord.py requests `/gateway/`. Sessions are resumed at their shard's address."""
        paths = ("/gateway", "/gateway/", "/gateway/{shard}", "/gateway/{shard}/")
        return [web.get(path, self._connect) for path in paths]

    @property
    def connected(self) -> list[int]:
        """The shards of the currently connected sessions, in ascending order."""
        return sorted(session.shard[0] for session in self._sessions.values() if session.wire is not None)

    async def stop(self) -> None:
        """Close all connections."""
        for wire in tuple(self._wires):
            await wire.close(1001)

    async def drop(self, how: str, shard: int | None = None) -> int:
        """Break the connections of one shard or of all shards in the given way, and return their number.

        `abort` cuts them, `reconnect` asks clients to reconnect, `close` closes them, and `invalid` ends the sessions,
        so that none can be resumed.
        """
        connected = [session for session in self._sessions.values() if session.wire is not None]
        sessions = [session for session in connected if shard in (None, session.shard[0])]
        for session in sessions:
            session.resumable = session.resumable and how != "invalid"
            if session.wire is not None:
                await _break(session.wire, how)
        return len(sessions)

    def send_event(self, name: str, data: object) -> None:
        """Send an event unchanged to the shard of the guild that it mentions, regardless of the sessions' intents."""
        for session in self._sessions.values():
            if session.receives(intent=0, guild_id=_guild_of(name, data)):
                session.dispatch(name, cast("Json", data))

    def _dispatch(self, world_event: WorldEvent) -> None:
        for event in self._events.translate(world_event):
            for session in self._sessions.values():
                if session.receives(intent=event.intent, guild_id=event.guild_id):
                    session.dispatch(event.name, event.data)

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=LARGEST_PAYLOAD * 4)
        await socket.prepare(request)
        wire = Wire(socket, request.query.get("compress"))
        self._wires.add(wire)
        try:
            await Connection(self, wire, request.query.get("v", "10")).run()
        finally:
            self._wires.discard(wire)
        return socket

    @property
    def heartbeat_ms(self) -> int:
        """The interval at which a client must send heartbeats, in milliseconds."""
        return self._heartbeat_ms

    async def identify(self, wire: Wire, data: Json) -> Session | None:
        """Start a session: send READY, then the guilds. None if sessions are started too fast.

        Raises Refused for an invalid token, shard or intents, or for too many guilds or session starts.

        """
        self._authenticate(data)
        if not self._starts.use():
            await self._reset_token()
            raise Refused(Close.AUTHENTICATION_FAILED)
        session = Session(_intents(data, self._world.application.privileged_intents), _shard(data))
        guilds = [guild for guild in self._world.guilds.values() if self._world.bot.id in guild.members]
        here = [guild for guild in guilds if session.receives(intent=0, guild_id=guild.id)]
        if len(here) > self._starts.limits.guilds_a_shard:
            raise Refused(Close.SHARDING_REQUIRED)
        if self._starts.is_too_fast(session.shard[0]):
            return None
        session.attach(wire)
        self._sessions = {key: one for key, one in self._sessions.items() if one.shard != session.shard or one.wire}
        self._sessions[session.id] = session
        session.dispatch("READY", self._ready(session, [str(guild.id) for guild in here]))
        for guild in here:
            event = self._events.guild_create(guild)
            if session.receives(intent=event.intent, guild_id=guild.id):
                session.dispatch(event.name, event.data)
        return session

    def resume(self, wire: Wire, data: Json) -> Session | None:
        """Resume a session: replay missed events, then RESUMED. None if the session is unknown or too far behind."""
        self._authenticate(data)
        session = self._sessions.get(str(data.get("session_id")))
        if session is None:
            return None
        session.attach(wire)
        if not session.replay(int(data.get("seq") or 0)):
            session.detach(wire)
            del self._sessions[session.id]
            return None
        session.dispatch("RESUMED", {})
        return session

    def send_members(self, session: Session, wanted: Json) -> None:
        """Send the members that a client asks for; a request that is not allowed gets no answer."""
        chunk = members_chunk(self._world, wanted, session.intents)
        if chunk is not None:
            session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    async def _reset_token(self) -> None:
        """End all sessions and replace the token; Discord would also notify the bot's owner by email."""
        _log.warning("the bot started too many sessions in 24 hours: its token was reset")
        self._world.application.token = new_token(self._world.application.id)
        for session in self._sessions.values():
            if session.wire is not None:
                await session.wire.close(Close.AUTHENTICATION_FAILED)
        self._sessions = {}

    def _authenticate(self, data: Json) -> None:
        token = str(data.get("token", "")).removeprefix("Bot ")
        if token != self._world.application.token:
            raise Refused(Close.AUTHENTICATION_FAILED)

    def _ready(self, session: Session, guild_ids: list[str]) -> Json:
        return {
            "v": 10,
            "user": payloads.own_user(self._world.bot),
            "guilds": [{"id": guild_id, "unavailable": True} for guild_id in guild_ids],
            "private_channels": [],
            "session_id": session.id,
            "resume_gateway_url": f"{self.base.replace('http', 'ws', 1)}/gateway/{session.shard[0]}",
            "shard": list(session.shard),
            "application": {"id": str(self._world.application.id), "flags": 0},
        }


async def _break(wire: Wire, how: str) -> None:
    if how == "reconnect":
        await wire.send({"op": Op.RECONNECT, "d": None})
    elif how == "invalid":
        await wire.send({"op": Op.INVALID_SESSION, "d": False})
    elif how == "close":
        await wire.close(4000)
    else:
        wire.abort()


class Connection:
    """One WebSocket: handles the client's messages and sends the session's queued events."""

    def __init__(self, gateway: Gateway, wire: Wire, version: str) -> None:
        self._gateway = gateway
        self._wire = wire
        self._version = version
        self._session: Session | None = None
        self._sender: asyncio.Task[None] | None = None
        self._received_at: list[float] = []

    async def run(self) -> None:
        """Serve the connection until it ends."""
        try:
            await self._send_hello()
            await self._listen()
        except Refused as refusal:
            await self._wire.close(refusal.code, refusal.code.name)
        except ConnectionError:
            _log.debug("a gateway connection broke")
        finally:
            await self._end()

    async def _send_hello(self) -> None:
        if self._version not in {"9", "10"}:
            raise Refused(Close.INVALID_VERSION)
        await self._wire.send({"op": Op.HELLO, "d": {"heartbeat_interval": self._gateway.heartbeat_ms}})

    async def _end(self) -> None:
        if self._session is not None:
            self._session.detach(self._wire)
        if self._sender is not None:
            self._sender.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await self._sender

    async def _listen(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._gateway.heartbeat_ms / 1_000 * 2):
                    frame = await self._wire.socket.receive()
            except TimeoutError:
                raise Refused(Close.SESSION_TIMED_OUT) from None
            if frame.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                return
            self._count()
            await self._handle(_decoded(frame.data))

    def _count(self) -> None:
        now = asyncio.get_running_loop().time()
        self._received_at = [at for at in self._received_at if at > now - 60] + [now]
        if len(self._received_at) > SENDS_PER_MINUTE:
            raise Refused(Close.RATE_LIMITED)

    async def _handle(self, payload: Json) -> None:
        data: object = payload.get("d")
        match payload.get("op"):
            case Op.HEARTBEAT:
                await asyncio.sleep(ACK_AFTER_S)
                await self._wire.send({"op": Op.HEARTBEAT_ACK})
            case Op.IDENTIFY | Op.RESUME if self._session is not None:
                raise Refused(Close.ALREADY_AUTHENTICATED)
            case Op.IDENTIFY if isinstance(data, dict):
                await self._begin(await self._gateway.identify(self._wire, cast("Json", data)))
            case Op.RESUME if isinstance(data, dict):
                await self._begin(self._gateway.resume(self._wire, cast("Json", data)))
            case Op.PRESENCE | Op.VOICE | Op.REQUEST_MEMBERS:
                if self._session is None:
                    raise Refused(Close.NOT_AUTHENTICATED)
                if payload["op"] == Op.REQUEST_MEMBERS and isinstance(data, dict):
                    self._gateway.send_members(self._session, cast("Json", data))
            case _:
                raise Refused(Close.UNKNOWN_OPCODE)

    async def _begin(self, session: Session | None) -> None:
        if session is None:
            await self._wire.send({"op": Op.INVALID_SESSION, "d": False})
            return
        self._session = session
        self._sender = asyncio.create_task(self._send(session), name=f"gateway session {session.id}")

    async def _send(self, session: Session) -> None:
        with suppress(ConnectionError):
            while session.wire is self._wire:
                await self._wire.send(await session.next())


def _guild_of(name: str, data: object) -> int | None:
    if not isinstance(data, Mapping):
        return None
    key = "id" if name in {"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"} else "guild_id"
    return as_snowflake(cast("Mapping[str, object]", data).get(key))


def _decoded(raw: str | bytes) -> Json:
    try:
        payload = parse_json(raw)
    except ValueError:
        raise Refused(Close.DECODE_ERROR) from None
    if not isinstance(payload, dict):
        raise Refused(Close.DECODE_ERROR)
    return cast("Json", payload)


def _intents(data: Json, allowed: int) -> int:
    intents = data.get("intents")
    if isinstance(intents, bool) or not isinstance(intents, int) or not 0 <= intents <= ALL_INTENTS:
        raise Refused(Close.INVALID_INTENTS)
    if intents & PRIVILEGED & ~allowed:
        raise Refused(Close.DISALLOWED_INTENTS)
    return intents


def _shard(data: Json) -> tuple[int, int]:
    raw_shard: object = data.get("shard", [0, 1])
    shard = cast("list[object]", raw_shard) if isinstance(raw_shard, list) else []
    if len(shard) != 2:  # noqa: PLR2004 - number and count
        raise Refused(Close.INVALID_SHARD)
    number, count = shard
    if not isinstance(number, int) or not isinstance(count, int) or not 0 <= number < count:
        raise Refused(Close.INVALID_SHARD)
    return number, count
