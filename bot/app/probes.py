"""Examines the parts that do not depend on Discord, for `/readyz` and `/easel-admin doctor`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bot.app.services import Services
from bot.chat.servers.server_findings import OperatorState
from bot.clock import Clock
from bot.ops.health_server import HealthProbe, storage_probe
from bot.provider.probe import KeyProbe, KeyState

PROVIDER_S = 10.0
"""How long the provider may take to answer the doctor."""

PART_S = 5.0
"""How long a part of the bot may take to answer. A slower one counts as not working."""

FRESH_S = 60.0
"""How long an answer from the provider is reused, so that clients cannot make the bot ask repeatedly."""


def core_probes(core: Services) -> Mapping[str, HealthProbe]:
    """Return the probes of everything but Discord."""

    async def workers() -> str | None:
        return None if core.process.workers else "no worker is running, so jobs wait"

    async def loops() -> str | None:
        known = core.jobs.health()
        if not known:
            return "not started yet"
        dead = sorted(name for name, health in known.items() if not health.alive)
        return f"not running: {', '.join(dead)}" if dead else None

    async def orders() -> str | None:
        return core.troubles.current()

    return {
        "database": storage_probe(core.database.probe),
        "disk": storage_probe(core.artefacts.probe),
        **({"loops": loops} if core.role.works else {"workers": workers}),
        "orders": orders,
    }


class ProviderState:
    """The provider's last answer to the doctor."""

    def __init__(self, ask: Callable[[], Awaitable[KeyProbe]], clock: Clock, *, patience_s: float = PROVIDER_S) -> None:
        self._ask = ask
        self._clock = clock
        self._patience_s = patience_s
        self._known = KeyState.OK
        self._asked_s: float | None = None
        self._turn = asyncio.Lock()

    async def get(self) -> KeyState:
        """Return whether the provider can be used. It is asked once a minute; a slow answer counts as none."""
        async with self._turn:
            now_s = self._clock.monotonic_s()
            if self._asked_s is None or now_s - self._asked_s > FRESH_S:
                self._known = await self._answer()
                self._asked_s = self._clock.monotonic_s()
            return self._known

    async def _answer(self) -> KeyState:
        try:
            async with asyncio.timeout(self._patience_s):
                return (await self._ask()).state
        except TimeoutError:
            return KeyState.UNREACHABLE


def operator_state(core: Services) -> Callable[[], Awaitable[OperatorState]]:
    """Return a function that examines the parts for which the operator is responsible."""
    provider, probes = ProviderState(core.provider.probe, core.clock), core_probes(core)

    async def state() -> OperatorState:
        answered, work = await asyncio.gather(provider.get(), asyncio.gather(*map(works, probes.values())))
        broken = tuple(name for name, one_works in zip(probes, work, strict=True) if not one_works)
        clocks = {"discord": core.discord_clock.offset_ms, "provider": core.provider.server_clock.offset_ms}
        return OperatorState(answered, broken, clocks)

    return state


async def works(probe: HealthProbe, *, patience_s: float = PART_S) -> bool:
    """Return whether a part works; False if it does not answer in time."""
    try:
        async with asyncio.timeout(patience_s):
            return await probe() is None
    except TimeoutError:
        return False
