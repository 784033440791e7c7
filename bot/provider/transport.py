"""Makes single calls to the provider's API: each is sent once, and a failure states whether anything was sent."""

import zlib
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

import aiohttp
from pydantic import SecretStr

from bot.clock import ServerClock
from bot.connection_errors import cause
from bot.provider.answer import Answer
from bot.provider.destinations import Destinations
from bot.provider.inflate import ACCEPTED, Inflater
from bot.provider.transport_limits import TransportLimits
from bot.proxies import proxy_for

BLOCK_BYTES = 1 << 16

NOT_SENT, NO_ANSWER = "not_sent", "no_answer"
OUTCOMES = ("2xx", "3xx", "4xx", "429", "5xx", NOT_SENT, NO_ANSWER)
"""The classes by which calls are counted: by status (rate limits separately), or by the reason for no answer."""


class NothingSent(Exception):
    """No connection was established, so nothing reached the provider."""


class AnswerLost(Exception):
    """The call was sent, at least in part, and no answer came back."""


class Transport:
    """The connection to one provider with one key. Redirects are not followed: the key is for this host only."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        destinations: Destinations,
        key: SecretStr,
        server_clock: ServerClock,
        limits: TransportLimits,
    ) -> None:
        self._session = session
        self._destinations = destinations
        self._key = key
        self._server_clock = server_clock
        self._limits = limits
        self.outcomes: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        """The number of calls so far by how they ended."""

    async def call(
        self,
        method: str,
        path: str,
        *,
        wait_s: float,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a call once and return the answer, even if it is a refusal. Raises NothingSent or AnswerLost."""
        try:
            answer = await self._call(method, path, wait_s=wait_s, body=body, query=query)
        except (NothingSent, AnswerLost) as reason:
            self.outcomes[NOT_SENT if isinstance(reason, NothingSent) else NO_ANSWER] += 1
            raise
        outcome = "429" if answer.status == HTTPStatus.TOO_MANY_REQUESTS else f"{answer.status // 100}xx"
        if outcome in self.outcomes:
            self.outcomes[outcome] += 1
        return answer

    async def _call(
        self,
        method: str,
        path: str,
        *,
        wait_s: float,
        body: Mapping[str, object] | None,
        query: Mapping[str, str] | None,
    ) -> Answer:
        url = self._destinations.api(path) + (f"?{urlencode(query)}" if query else "")
        proxy = proxy_for(url)
        try:
            async with self._session.request(
                method,
                url,
                json=body,
                headers={
                    "Authorization": f"Bearer {self._key.get_secret_value()}",
                    "Accept": "application/json",
                    "Accept-Encoding": ACCEPTED,
                },
                auto_decompress=False,
                allow_redirects=False,
                proxy=proxy,
                timeout=self._limits.of_call(wait_s),
            ) as response:
                self._server_clock.observe(response.headers.get("Date"))
                return await self._answer(response)
        # The order matters: connection errors are also ClientErrors, and ConnectionTimeoutError is also a TimeoutError.
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.ConnectionTimeoutError) as error:
            raise NothingSent(f"no connection ({cause(error)})") from error
        except TimeoutError as error:
            raise AnswerLost("no answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise AnswerLost(f"the connection broke ({type(error).__name__})") from error

    async def _answer(self, response: aiohttp.ClientResponse) -> Answer:
        inflater = Inflater(response.headers.get("Content-Encoding"))
        content, whole = bytearray(), inflater.supported
        try:
            async for block in response.content.iter_chunked(BLOCK_BYTES):
                if not self._read_block(inflater, block, content):
                    whole = False
                    break
        except (aiohttp.ClientError, OSError, zlib.error):
            # The status has arrived, so a refusal is still a refusal if the rest of its body is missing.
            whole = False
        # Some gateways echo the request in their errors: remove the key before anything can log or store it.
        clean = bytes(content).replace(self._key.get_secret_value().encode(), b"(hidden)")
        return Answer(response.status, response.headers, clean, whole and inflater.complete)

    def _read_block(self, inflater: Inflater, block: bytes, content: bytearray) -> bool:
        """Add the decompressed content of a block; return False, and stop unpacking, at the size limit."""
        for piece in inflater.feed(block):
            content += piece[: self._limits.answer_bytes - len(content) + 1]
            if len(content) > self._limits.answer_bytes:
                return False
        return True
