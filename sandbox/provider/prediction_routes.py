"""The provider's prediction routes: both creates, read, cancel and list, with their errors."""

import contextlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice, takewhile
from urllib.parse import urlencode

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import Handler, answer
from sandbox.faults import cut
from sandbox.provider.call_limits import Kind, Limits, RateLimits
from sandbox.provider.create_requests import Create, read_create
from sandbox.provider.error_responses import (
    ProviderError,
    no_money,
    not_found,
    official,
    one_api,
    throttled,
    unauthenticated,
)
from sandbox.provider.model_json import render_model, render_version
from sandbox.provider.model_schemas import Model, Models
from sandbox.provider.prediction import Prediction, list_usd
from sandbox.provider.prediction_json import OFFICIAL
from sandbox.provider.runs import Runs

PAGE = 100


@dataclass(frozen=True, slots=True)
class Differences:
    """The differences between a gateway and the official host; the defaults are those of the official host."""

    prefix: str = ""
    """The path in front of `/v1`, e.g. `/replicate`."""
    has_models: bool = True
    has_cancel: bool = True
    has_list: bool = True
    has_webhooks: bool = True
    honours_prefer: bool = True
    honours_cancel_after: bool = True
    has_rate_headers: bool = True
    one_api_errors: bool = False
    errors_as_200: bool = False


GATEWAY = Differences(
    prefix="/replicate",
    has_models=False,
    has_cancel=False,
    has_list=False,
    has_webhooks=False,
    honours_prefer=False,
    honours_cancel_after=False,
    has_rate_headers=False,
    one_api_errors=True,
)
"""A gateway of the new-api family, as far as its behaviour is known."""


@dataclass(slots=True)
class ProviderAccount:
    """The remaining credit of the key's owner, in USD (None means unlimited), and the limits on their calls."""

    left_usd: Decimal | None = None
    limits: Limits = field(default_factory=Limits)

    def spend(self, amount: Decimal) -> bool:
        """Spend this much if there is enough credit; return whether there was."""
        if self.left_usd is None:
            return True
        if amount > self.left_usd:
            return False
        self.left_usd -= amount
        return True


class PredictionApi:
    """Answers the calls of one key."""

    def __init__(
        self,
        clock: SandboxClock,
        models: Models,
        runs: Runs,
        *,
        key: str,
        rates: RateLimits,
        account: ProviderAccount,
        differences: Differences,
    ) -> None:
        self._clock = clock
        self._models = models
        self._runs = runs
        self._key = key.encode()
        self._rates = rates
        self._account = account
        self._differences = differences

    def routes(self) -> list[web.RouteDef]:
        """List the routes; a gateway lacks some."""
        has, v1 = self._differences, f"{self._differences.prefix}/v1"
        made = [
            web.post(f"{v1}/models/{{owner}}/{{name}}/predictions", self._guarded("create", self._create)),
            web.post(f"{v1}/predictions", self._guarded("create", self._create)),
            web.get(f"{v1}/predictions/{{id}}", self._guarded("read", self._get)),
        ]
        if has.has_models:
            model = f"{v1}/models/{{owner}}/{{name}}"
            made.append(web.get(model, self._guarded("read", self._model)))
            made.append(web.get(f"{model}/versions/{{version}}", self._guarded("read", self._version)))
        if has.has_list:
            made.append(web.get(f"{v1}/predictions", self._guarded("other", self._list)))
        if has.has_cancel:
            made.append(web.post(f"{v1}/predictions/{{id}}/cancel", self._guarded("other", self._cancel)))
        if has.has_webhooks:
            made.append(web.get(f"{v1}/webhooks/default/secret", self._guarded("other", self._secret)))
        return made

    @web.middleware
    async def unrouted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer an unknown path or method in plain text instead of JSON, as the official host does."""
        try:
            return await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            plain = web.Response(status=404, text="404 page not found\n")
            plain.enable_compression(web.ContentCoding.gzip)
            return plain

    def _guarded(
        self, kind: Kind, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Check the key and the rate limit first; every answer to a valid key states the remaining calls."""

        async def guarded(request: web.Request) -> web.Response:
            if not self._knows(request):
                return self._written(unauthenticated())
            try:
                self._count(kind)
                response = await handler(request)
            except ProviderError as problem:
                response = self._written(problem)
            if self._differences.has_rate_headers:
                response.headers.update(self._rates.headers(kind))
            return response

        return guarded

    def _knows(self, request: web.Request) -> bool:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return scheme in ("Bearer", "Token") and hmac.compare_digest(key.strip().encode(), self._key)

    def _count(self, kind: Kind) -> None:
        wait_s = self._rates.take(kind)
        if wait_s:
            raise throttled(self._rates.throttled(kind, wait_s), wait_s)

    def _written(self, problem: ProviderError) -> web.Response:
        if not self._differences.one_api_errors:
            return official(problem)
        stamp = datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y%m%d%H%M%S")
        return one_api(problem, stamp + secrets.token_hex(6), as_200=self._differences.errors_as_200)

    async def _create(self, request: web.Request) -> web.Response:
        wanted = await read_create(request, self._models)
        prediction = self._accept(wanted)
        if "lost" in prediction.words:
            return cut(request)
        if wanted.wait is None or not self._differences.honours_prefer:
            return answer(self._runs.show(prediction), status=201)
        await self._runs.wait_on_clock(prediction, wanted.wait.seconds)
        made = answer(await self._runs.show_after_wait(prediction), status=201)
        made.headers["Preference-Applied"] = wanted.wait.applied
        return made

    def _accept(self, wanted: Create) -> Prediction:
        if not self._account.spend(list_usd(wanted.model, wanted.input)):
            raise no_money()
        webhook = wanted.webhook if self._differences.has_webhooks else None
        cancel_after_s = wanted.cancel_after_s if self._differences.honours_cancel_after else None
        return self._runs.create(wanted.model, wanted.input, cancel_after_s=cancel_after_s, webhook=webhook)

    async def _get(self, request: web.Request) -> web.Response:
        prediction = await self._settled(request)
        return answer(self._runs.show(prediction))

    async def _cancel(self, request: web.Request) -> web.Response:
        prediction = await self._settled(request)
        self._runs.cancel(prediction)
        return answer(self._runs.show(prediction))

    async def _settled(self, request: web.Request) -> Prediction:
        prediction = self._runs.get(request.match_info["id"])
        if prediction is None:
            raise not_found()
        await self._runs.settle(prediction)
        return prediction

    async def _list(self, request: web.Request) -> web.Response:
        after, before = (_moment(request, name) for name in ("created_after", "created_before"))
        cursor = _cursor(request)
        await self._runs.settle_all()
        # The predictions' times decrease along with their numbers, because the clock only moves forward.
        young = takewhile(lambda each: after is None or each.created >= after, self._runs.newest_before(cursor, before))
        page = list(islice(young, PAGE + 1))
        following = None
        if len(page) > PAGE:
            page.pop()
            query = urlencode({**request.query, "cursor": str(page[-1].number)})
            following = f"{OFFICIAL}/v1/predictions?{query}"
        return answer({"next": following, "previous": None, "results": [self._runs.list_entry(each) for each in page]})

    async def _model(self, request: web.Request) -> web.Response:
        return answer(render_model(self._named(request)))

    async def _version(self, request: web.Request) -> web.Response:
        model = self._named(request)
        if request.match_info["version"] != model.version:
            raise not_found()
        return answer(render_version(model))

    def _named(self, request: web.Request) -> Model:
        model = self._models.named(f"{request.match_info['owner']}/{request.match_info['name']}")
        if model is None:
            raise not_found()
        return model

    async def _secret(self, _: web.Request) -> web.Response:
        return answer({"key": self._runs.webhook_secret})


def _moment(request: web.Request, name: str) -> float | None:
    text = request.query.get(name)
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    raise ProviderError(400, f"{name} is not an ISO 8601 time")


def _cursor(request: web.Request) -> int | None:
    text = request.query.get("cursor")
    if text is None:
        return None
    if not text.isdecimal():
        raise ProviderError(400, "The cursor is not one of ours.")
    return int(text)
