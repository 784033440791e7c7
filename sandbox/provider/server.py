"""The stand-in for the hosted model API: the same wire, drawn media, its own clock.

Words in square brackets in a prompt lead to each path; `GET /_sandbox/words` lists them (see `words.py`).
Control, loopback only: `/_sandbox/clock`, `/faults`, `/exchanges`, `/predictions`, `/leaks`, `/words`, `/models`.
"""

import contextlib
import hmac
import random
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control import CONTROL, Handler, answer, clock_route, loopback_only
from sandbox.exchanges import ExchangeLog
from sandbox.faults import Faults, cut
from sandbox.provider.limits import Kind, Limits, RateLimits
from sandbox.provider.models import Models
from sandbox.provider.outputs import OutputFiles
from sandbox.provider.prediction import Prediction, list_usd
from sandbox.provider.problems import Problem, no_money, not_found, official, one_api, throttled, unauthenticated
from sandbox.provider.requests import Create, read_create
from sandbox.provider.runs import Runs
from sandbox.provider.webhooks import Webhooks
from sandbox.provider.wire import OFFICIAL, milliseconds
from sandbox.provider.words import WORDS

PAGE = 100
LARGEST_BODY = 64_000_000


@dataclass(frozen=True, slots=True)
class Differences:
    """Where a gateway differs from the official host; all off means the official host."""

    prefix: str = ""
    """In front of `/v1`, e.g. `/replicate`."""
    has_cancel: bool = True
    has_list: bool = True
    honours_prefer: bool = True
    has_rate_headers: bool = True
    one_api_errors: bool = False
    errors_as_200: bool = False


GATEWAY = Differences(
    prefix="/replicate",
    has_cancel=False,
    has_list=False,
    honours_prefer=False,
    has_rate_headers=False,
    one_api_errors=True,
)
"""The mission's gateway, as far as anybody knows."""


@dataclass(slots=True)
class Purse:
    """What the key's owner may still spend, in USD; None is without end."""

    left_usd: Decimal | None = None

    def take(self, amount: Decimal) -> bool:
        """Take this much, if it is there."""
        if self.left_usd is None:
            return True
        if amount > self.left_usd:
            return False
        self.left_usd -= amount
        return True


@dataclass(slots=True)
class _Running:
    """What exists only while the server listens."""

    http: aiohttp.ClientSession
    runs: Runs
    webhooks: Webhooks
    runner: web.AppRunner | None = None


@dataclass(slots=True)
class ProviderSandbox:
    """A provider on loopback. `speed` divides start-up and run times."""

    clock: SandboxClock = field(default_factory=SandboxClock)
    speed: float = 1.0
    key: str = field(default_factory=lambda: "r8_" + secrets.token_urlsafe(24))
    limits: Limits = field(default_factory=Limits)
    differences: Differences = field(default_factory=Differences)
    purse: Purse = field(default_factory=Purse)
    seed: int | None = None
    """Makes durations, ids and seeds repeatable."""
    _models: Models = field(init=False)
    _files: OutputFiles = field(init=False)
    _faults: Faults = field(init=False)
    _log: ExchangeLog = field(init=False)
    _rates: RateLimits = field(init=False)
    _now: _Running | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError("the speed has to be above 0")
        self._models = Models.load()
        self._files = OutputFiles(self.clock)
        self._faults = Faults(self.clock)
        self._log = ExchangeLog(under=(f"{self.differences.prefix}/v1", "/files"))
        self._rates = RateLimits(self.clock, self.limits)

    async def start(self, port: int = 0, *, host: str = "127.0.0.1") -> dict[str, str]:
        """Listen, and return the ready line: `{"url", "key"}`."""
        http = aiohttp.ClientSession()
        webhooks = Webhooks(self.clock, http)
        runs = Runs(self.clock, http, self._files, webhooks, speed=self.speed, rng=random.Random(self.seed))
        self._now = _Running(http, runs, webhooks)
        runner = self._now.runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        port = runner.addresses[0][1]
        runs.base_url = f"http://{host}:{port}"
        return {"url": runs.base_url + self.differences.prefix, "key": self.key}

    async def stop(self) -> None:
        """Stop everything; harmless when it never started."""
        running, self._now = self._now, None
        if running is None:
            return
        await running.runs.close()
        await running.webhooks.close()
        if running.runner is not None:
            await running.runner.cleanup()
        await running.http.close()
        self._log.close()

    @property
    def predictions(self) -> list[Prediction]:
        """Everything ever created, newest first."""
        return self._running.runs.newest_first()

    @property
    def _running(self) -> _Running:
        if self._now is None:
            raise RuntimeError("the sandbox provider has not started")
        return self._now

    def _app(self) -> web.Application:
        inner = (loopback_only, self._dated, self._log.middleware, self._faults.middleware, self._problems)
        app = web.Application(middlewares=inner, client_max_size=LARGEST_BODY)
        v1 = f"{self.differences.prefix}/v1"
        app.add_routes(
            [
                web.post(f"{v1}/models/{{owner}}/{{name}}/predictions", self._create),
                web.post(f"{v1}/predictions", self._create),
                web.get(f"{v1}/predictions/{{id}}", self._get),
            ]
        )
        if self.differences.has_list:
            app.add_routes([web.get(f"{v1}/predictions", self._list)])
        if self.differences.has_cancel:
            app.add_routes([web.post(f"{v1}/predictions/{{id}}/cancel", self._cancel)])
            app.add_routes([web.get(f"{v1}/webhooks/default/secret", self._secret)])
        app.add_routes([*self._files.routes(), *self._faults.routes(), *self._log.routes(), clock_route(self.clock)])
        app.add_routes([web.get(f"{CONTROL}/{name}", show) for name, show in self._shown().items()])
        return app

    def _shown(self) -> dict[str, Any]:
        return {
            "predictions": self._show_predictions,
            "leaks": self._show_leaks,
            "words": self._show_words,
            "models": self._show_models,
        }

    @web.middleware
    async def _dated(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Date every answer by the sandbox's clock."""
        date = formatdate(self.clock.now(), usegmt=True)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers["Date"] = date
            raise
        response.headers["Date"] = date
        return response

    @web.middleware
    async def _problems(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Write what went wrong as this provider does; a path it does not know is plain text."""
        try:
            return await handler(request)
        except Problem as problem:
            return self._written(problem)
        except web.HTTPNotFound:
            plain = web.Response(status=404, text="404 page not found\n")
            plain.enable_compression(web.ContentCoding.gzip)
            return plain

    def _written(self, problem: Problem) -> web.Response:
        if self.differences.one_api_errors:
            stamp = datetime.fromtimestamp(self.clock.now(), UTC).strftime("%Y%m%d%H%M%S")
            request_id = stamp + secrets.token_hex(6)
            return one_api(problem, request_id, as_200=self.differences.errors_as_200)
        return official(problem)

    def _admit(self, request: web.Request, kind: Kind) -> dict[str, str]:
        """Check the key and the rate; return the headers that every authenticated answer has."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme not in ("Bearer", "Token") or not hmac.compare_digest(key.strip().encode(), self.key.encode()):
            raise unauthenticated()
        wait_s = self._rates.take(kind)
        if wait_s:
            raise throttled(self._rates.throttled(kind, wait_s), wait_s)
        return self._rates.headers(kind) if self.differences.has_rate_headers else {}

    async def _create(self, request: web.Request) -> web.StreamResponse:
        headers = self._admit(request, "create")
        wanted = await read_create(request, self._models)
        runs = self._running.runs
        prediction = self._accept(wanted)
        if "lost" in prediction.path:
            return cut(request)
        if wanted.wait is None or not self.differences.honours_prefer:
            return _with(answer(runs.show(prediction), status=201), headers)
        await runs.wait_on_clock(prediction, wanted.wait.seconds)
        shown = await runs.show_early(prediction) if prediction.links else runs.show(prediction)
        return _with(answer(shown, status=201), headers | {"Preference-Applied": wanted.wait.applied})

    def _accept(self, wanted: Create) -> Prediction:
        if not self.purse.take(list_usd(wanted.model, wanted.input)):
            raise no_money()
        return self._running.runs.create(
            wanted.model, wanted.input, cancel_after_s=wanted.cancel_after_s, webhook=wanted.webhook
        )

    async def _get(self, request: web.Request) -> web.StreamResponse:
        headers = self._admit(request, "read")
        prediction = self._find(request)
        await self._running.runs.settle(prediction)
        return _with(answer(self._running.runs.show(prediction)), headers)

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        headers = self._admit(request, "other")
        prediction = self._find(request)
        await self._running.runs.settle(prediction)
        self._running.runs.cancel(prediction)
        return _with(answer(self._running.runs.show(prediction)), headers)

    def _find(self, request: web.Request) -> Prediction:
        prediction = self._running.runs.get(request.match_info["id"])
        if prediction is None:
            raise not_found()
        return prediction

    async def _list(self, request: web.Request) -> web.StreamResponse:
        headers = self._admit(request, "other")
        runs = self._running.runs
        after, before = (_moment(request, name) for name in ("created_after", "created_before"))
        found = [
            each
            for each in runs.newest_first()
            if (after is None or each.created >= after) and (before is None or each.created < before)
        ]
        cursor = _cursor(request)
        if cursor is not None:
            found = [each for each in found if each.number < cursor]
        page, rest = found[:PAGE], found[PAGE:]
        query = {**request.query, "cursor": str(page[-1].number)} if rest else {}
        following = f"{OFFICIAL}/v1/predictions?{urlencode(query)}" if rest else None
        body = {"next": following, "previous": None, "results": [runs.show(each) for each in page]}
        return _with(answer(body), headers)

    async def _secret(self, request: web.Request) -> web.StreamResponse:
        headers = self._admit(request, "other")
        return _with(answer({"key": self._running.webhooks.secret}), headers)

    async def _show_predictions(self, _: web.Request) -> web.Response:
        return answer([_line(each) for each in reversed(self.predictions)])

    async def _show_leaks(self, _: web.Request) -> web.Response:
        return answer(self._files.leaks)

    async def _show_words(self, _: web.Request) -> web.Response:
        return answer({f"[{word}]": meaning for word, meaning in WORDS.items()})

    async def _show_models(self, _: web.Request) -> web.Response:
        rows = [{"id": each.id, "call_by": each.call_by, "version": each.version} for each in self._models.all]
        return answer(rows)


def _with(response: web.Response, headers: dict[str, str]) -> web.Response:
    response.headers.update(headers)
    return response


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


def _moment(request: web.Request, name: str) -> float | None:
    text = request.query.get(name)
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    raise Problem(400, f"{name} is not an ISO 8601 time")


def _cursor(request: web.Request) -> int | None:
    text = request.query.get("cursor")
    if text is None:
        return None
    if not text.isdecimal():
        raise Problem(400, "The cursor is not one of ours.")
    return int(text)
