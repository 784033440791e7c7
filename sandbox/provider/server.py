"""A local stand-in for the hosted model API: the same HTTP interface, generated media, and its own clock.

Words in square brackets in a prompt trigger special outcomes; `GET /_sandbox/words` lists them (see
`prompt_words.py`). Control, loopback only: `/_sandbox/clock`, `/faults`, `/exchanges`, `/predictions`, `/leaks`,
`/words`, `/models`, `/webhooks`.
"""

import random
import secrets
from dataclasses import dataclass
from decimal import Decimal
from email.utils import formatdate
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import CONTROL, Handler, answer, clock_route, loopback_only
from sandbox.exchanges import ExchangeLog
from sandbox.faults import Faults
from sandbox.provider.call_limits import Limits, RateLimits
from sandbox.provider.model_schemas import Models
from sandbox.provider.output_files import OutputFiles
from sandbox.provider.prediction import Prediction
from sandbox.provider.prediction_json import milliseconds
from sandbox.provider.prediction_routes import GATEWAY, Differences, PredictionApi, ProviderAccount
from sandbox.provider.prompt_words import WORDS
from sandbox.provider.result_files import Detail
from sandbox.provider.run_store import WEBHOOK_KEY, RunStore
from sandbox.provider.runs import Runs
from sandbox.provider.webhooks import Webhooks, new_secret

__all__ = ["GATEWAY", "Detail", "Differences", "Limits", "ProviderAccount", "ProviderSandbox"]
LARGEST_BODY = 64_000_000


@dataclass(frozen=True, slots=True)
class _Listening:
    """The parts that exist only while the server is listening."""

    http: aiohttp.ClientSession
    webhooks: Webhooks
    runs: Runs
    runner: web.AppRunner


class ProviderSandbox:
    """A provider on loopback.

    `speed` divides start-up and run times; `seed` makes durations, ids and seeds repeatable; `account` and
    `differences` configure its credit, its rate limits and its gateway behaviour. With a `state` folder, its key, its
    predictions and their files survive a restart. `detail` is how much is drawn in the files: the less, the faster.
    """

    def __init__(
        self,
        clock: SandboxClock | None = None,
        *,
        speed: float = 1.0,
        seed: int | None = None,
        key: str | None = None,
        account: ProviderAccount | None = None,
        differences: Differences | None = None,
        state: Path | None = None,
        detail: Detail = Detail.FULL,
    ) -> None:
        if speed <= 0:
            raise ValueError("the speed must be above 0")
        self.clock = clock or SandboxClock()
        self._models = Models.load()
        self._store = RunStore(state, self._models)
        self.key = key or self._store.key("r8_" + secrets.token_urlsafe(24))
        self._speed = speed
        self._seed = seed
        self._detail = detail
        self._account = account or ProviderAccount()
        self._differences = differences or Differences()
        self._files = OutputFiles(self.clock)
        self._faults = Faults(self.clock)
        self._log = ExchangeLog(under=(f"{self._differences.prefix}/v1", "/files"))
        self._listening: _Listening | None = None

    async def start(self, port: int = 0, *, host: str = "127.0.0.1") -> dict[str, str]:
        """Start listening, and return the ready line: `{"url", "key"}`. Raises OSError if the port is taken."""
        http = aiohttp.ClientSession()
        webhooks = Webhooks(self.clock, http, self._store.key(new_secret(), WEBHOOK_KEY))
        rng = random.Random(self._seed)
        runs = Runs(
            self.clock,
            http,
            self._files,
            webhooks,
            store=self._store,
            speed=self._speed,
            rng=rng,
            detail=self._detail,
        )
        runner = web.AppRunner(self._app(runs, webhooks), access_log=None, shutdown_timeout=1)
        self._listening = _Listening(http, webhooks, runs, runner)
        try:
            await runner.setup()
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        runs.base_url = f"http://{host}:{runner.addresses[0][1]}"
        runs.restore()
        return {"url": runs.base_url + self._differences.prefix, "key": self.key}

    async def stop(self) -> None:
        """Stop everything; does nothing if it never started."""
        listening, self._listening = self._listening, None
        if listening is None:
            return
        await listening.runs.close()
        await listening.webhooks.close()
        await listening.runner.cleanup()
        await listening.http.close()
        self._log.close()

    @property
    def runs(self) -> Runs:
        """All predictions ever created. Raises RuntimeError if the sandbox is not listening."""
        if self._listening is None:
            raise RuntimeError("the sandbox provider has not started")
        return self._listening.runs

    def _app(self, runs: Runs, webhooks: Webhooks) -> web.Application:
        rates = RateLimits(self.clock, self._account.limits)
        api = PredictionApi(
            self.clock,
            self._models,
            runs,
            key=self.key,
            rates=rates,
            account=self._account,
            differences=self._differences,
        )
        middlewares = (loopback_only, self._add_date, self._log.middleware, self._faults.middleware, api.unrouted)
        app = web.Application(middlewares=middlewares, client_max_size=LARGEST_BODY)
        for group in (api, self._files, self._faults, self._log, webhooks):
            app.add_routes(group.routes())
        app.add_routes([clock_route(self.clock), *self._control()])
        return app

    def _control(self) -> list[web.RouteDef]:
        shown = {
            "predictions": self._show_predictions,
            "leaks": self._show_leaks,
            "words": self._show_words,
            "models": self._show_models,
        }
        return [web.get(f"{CONTROL}/{name}", show) for name, show in shown.items()]

    @web.middleware
    async def _add_date(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Add a `Date` from the sandbox's clock to every answer."""
        date = formatdate(self.clock.now(), usegmt=True)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers["Date"] = date
            raise
        response.headers["Date"] = date
        return response

    async def _show_predictions(self, _: web.Request) -> web.Response:
        await self.runs.settle_all()
        return answer([_line(each) for each in reversed(self.runs.newest_first())])

    async def _show_leaks(self, _: web.Request) -> web.Response:
        return answer(self._files.leaks)

    async def _show_words(self, _: web.Request) -> web.Response:
        return answer({f"[{word}]": meaning for word, meaning in WORDS.items()})

    async def _show_models(self, _: web.Request) -> web.Response:
        rows = [{"id": each.id, "call_by": each.call_by, "version": each.version} for each in self._models.all]
        return answer(rows)


def _line(prediction: Prediction) -> dict[str, Any]:
    return {
        "id": prediction.id,
        "model": prediction.model.id,
        "version": prediction.version,
        "input": dict(prediction.input),
        "status": prediction.status,
        "created_at": milliseconds(prediction.created),
        "seed": prediction.seed,
        "error": prediction.error,
        "outputs": prediction.made,
        "list_usd": _usd(prediction.list_usd()),
        "cost_usd": _usd(prediction.cost_usd()),
    }


def _usd(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
