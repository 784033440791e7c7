"""The client for the provider's API, which turns every answer into a typed record or an error.

A create is sent once. It raises OutcomeUnknown if and only if it may have started a run (a timeout after sending, a
connection reset, a 5xx that proves nothing, an unreadable 2xx); any other error means that nothing is running. The
caller may repeat reads. The caller also takes the tokens from the budgets; this module feeds the answers back to them.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import structlog
from pydantic import SecretStr

from bot.clock import Clock, ServerClock
from bot.errors import InputRejected, ModelUnavailable, NotFound, OutcomeUnknown, ProviderBusy, ProviderDown, RunFailed
from bot.processes.shared_budget import SharedBudget
from bot.processes.this_process import Process
from bot.provider.answer import Answer, read_complaint
from bot.provider.budget import CREATES_CEILING, RateBudget
from bot.provider.classify import classify_answer, proves_nothing_runs
from bot.provider.destinations import Destinations, Resolve, look_up
from bot.provider.download import Download, Downloader
from bot.provider.json_values import as_list, as_mapping, as_text
from bot.provider.probe import PROBE_ID, KeyProbe, KeyState, key_state
from bot.provider.redaction import cleaned, one_line, texts_of
from bot.provider.transport import AnswerLost, NothingSent, Transport
from bot.provider.transport_limits import TransportLimits
from bot.provider.webhooks import EVENTS, is_webhook_key
from bot.provider.wire import (
    PREDICTION_ID,
    ProviderPrediction,
    RunStatus,
    is_known,
    is_refusal,
    parse_prediction,
)

NO_SUCH_ROUTE = frozenset({404, 405, 501})
"""The statuses with which a gateway says that it does not offer a call."""

LIST_PAGES_MAX = 5
"""The maximum number of pages (of 100 predictions) to read; the search is only for runs created moments ago."""

LINK_CHARS = 8_192
STATUS_CHARS, STATUSES_MAX = 40, 32
"""How many characters of an unknown status are logged, and how many unknown statuses."""

PAGE_MAX = 1_000
"""The maximum number of entries of one page to read; the official API lists 100."""

WEBHOOK = "webhook"
"""The value of the fact `about` in an InputRejected that refuses not an input but the run's webhook."""


class ProviderClient:
    """The client for one provider with one key. The session is shared; its owner closes it (see `open_session`).

    `close` ends the connections of downloads, which are the client's own.

    `creates`, `reads` and `listings` are the budgets from which the caller takes a token before `create`, `fetch` and
    `page`. They are separate because the provider counts them separately. `secrets` are keys that requests contain
    besides the provider's own; like it, they are cut out of the provider's texts.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        key: SecretStr | str,
        clock: Clock,
        server_clock: ServerClock,
        limits: TransportLimits | None = None,
        resolve: Resolve = look_up,
        secrets: Collection[str] = (),
    ) -> None:
        self.creates = RateBudget(clock, rate=CREATES_CEILING, ceiling=CREATES_CEILING, whole_minute=False)
        self.reads = RateBudget(clock)
        self.listings = RateBudget(clock)
        self.server_clock = server_clock
        self._clock = clock
        self._limits = limits or TransportLimits()
        # A pasted key often ends in a newline, which aiohttp would refuse in a header.
        secret = SecretStr((key.get_secret_value() if isinstance(key, SecretStr) else key).strip())
        destinations = Destinations(base_url, resolve)
        self._secrets = (secret, *map(SecretStr, secrets))
        self._transport = Transport(session, destinations, secret, server_clock, self._limits)
        self._downloader = Downloader(
            destinations, self._limits.of_download(), reserve_bytes=self._limits.reserve_bytes
        )
        self._unknown: set[str] = set()
        self._log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("bot.provider")

    async def close(self) -> None:
        """Close the connections of downloads."""
        await self._downloader.close()

    def share_budgets(self, process: Process) -> None:
        """Take the calls from budgets that several processes share. Nothing changes for a single process."""
        if process.token:
            for name, budget in (("creates", self.creates), ("reads", self.reads), ("listings", self.listings)):
                budget.draw_from(SharedBudget(f"provider {name}", process))

    @property
    def outcomes(self) -> Mapping[str, int]:
        """The number of calls so far by how they ended, not counting downloads."""
        return self._transport.outcomes

    async def create(self, path: str, body: Mapping[str, object], *, webhook: str | None = None) -> ProviderPrediction:
        """Start a run. `path` is the create route (`/v1/…`); the module docstring explains the errors.

        The provider reports the end of the run to `webhook` if it supports that.
        """
        if webhook is not None:
            body = {**body, "webhook": webhook, "webhook_events_filter": list(EVENTS)}
        try:
            answer = await self._transport.call("POST", path, body=body, wait_s=self._limits.create_s)
        except NothingSent as reason:
            raise ProviderDown(detail=str(reason)) from reason
        except AnswerLost as reason:
            # The API has no idempotency key: repeating a create whose answer was lost could run and bill it twice.
            raise OutcomeUnknown(detail=str(reason)) from reason
        self.creates.observe(answer.headers)
        prediction = self._prediction(answer)
        if prediction is not None:
            return prediction
        private = (*texts_of(body.get("input")), *filter(None, [webhook]))
        error = self._refusal(answer, self.creates, private=private)
        if webhook is not None and isinstance(error, InputRejected) and _names_webhook(answer, body, private):
            raise InputRejected(detail=error.facts["detail"], about=WEBHOOK)
        if proves_nothing_runs(answer, error):
            raise error
        raise OutcomeUnknown(detail=str(error.facts["detail"]))

    async def fetch(self, prediction_id: str) -> ProviderPrediction:
        """Read a run. Raises NotFound if the provider does not know it, which may be temporary, or another error.

        An answer for another run raises ProviderDown: it could be another member's private picture. Sporadic 404s for
        existing runs are a known bug of the official API (replicate-javascript issue 68).
        """
        answer = await self._read("GET", _path(prediction_id))
        self.reads.observe(answer.headers)
        prediction = self._prediction(answer, prediction_id)
        if prediction is not None:
            return prediction
        error = self._refusal(answer, self.reads)
        if isinstance(error, ModelUnavailable | InputRejected):
            raise NotFound(what="prediction", name=prediction_id)
        raise error

    async def cancel(self, prediction_id: str) -> ProviderPrediction | None:
        """Ask the provider to stop a run; return None if it cannot cancel or no longer knows the run."""
        answer = await self._read("POST", _path(prediction_id) + "/cancel")
        prediction = self._prediction(answer, prediction_id)
        if prediction is None and answer.status not in NO_SUCH_ROUTE:
            raise self._refusal(answer)
        return prediction

    async def recent(self, since_ms: int) -> tuple[ProviderPrediction, ...] | None:
        """Return the runs created since `since_ms` (provider time), newest first; None if the provider has no list.

        An id that is listed twice with different contents is left out, because either may be wrong. Gateways usually
        have no list. Without one, a create whose answer was lost cannot be found again.
        """
        found: list[ProviderPrediction] = []
        query = {"created_after": datetime.fromtimestamp(since_ms / 1_000, UTC).isoformat()}
        for _ in range(LIST_PAGES_MAX):
            page = await self._list_page(query)
            if page is None:
                return None
            listed = as_list(page["results"])[:PAGE_MAX]
            entries = [entry for entry in map(parse_prediction, listed) if entry]
            # A provider may ignore `created_after`, so the filter is applied here too; older entries end the search.
            young = [entry for entry in entries if entry.created_ms is None or entry.created_ms >= since_ms]
            found += young
            cursor = _cursor(page.get("next"))
            if cursor is None or len(young) < len(entries):
                break
            query = {"cursor": cursor}
        return _consistent(found)

    async def page(self, before_ms: int) -> tuple[ProviderPrediction, ...] | None:
        """Return the last runs created before `before_ms` (provider time), newest first, usually a hundred.

        None if the provider has no list. A list leaves out parts of a run, such as its log.
        """
        page = await self._list_page({"created_before": datetime.fromtimestamp(before_ms / 1_000, UTC).isoformat()})
        if page is None:
            return None
        return tuple(filter(None, map(parse_prediction, as_list(page["results"])[:PAGE_MAX])))

    async def download(self, url: str, into: Path, *, max_bytes: int) -> Download:
        """Download a result file. Raises ResultExpired or ResultUnusable; temporarily ProviderDown or ProviderBusy."""
        return await self._downloader.fetch(url, into, max_bytes=max_bytes, now_ms=self.server_clock.now_ms())

    async def webhook_key(self) -> str | None:
        """Return the key that the provider signs its webhooks with; None if there is none, as with most gateways."""
        answer = await self._read("GET", "/v1/webhooks/default/secret")
        if answer.status in NO_SUCH_ROUTE:
            return None
        if not answer.accepted:
            raise self._refusal(answer)
        key = as_text(as_mapping(answer.payload()).get("key"))
        return key if key is not None and is_webhook_key(key) else None

    async def probe(self) -> KeyProbe:
        """Test at no cost whether the key works."""
        began_s = self._clock.monotonic_s()
        try:
            answer = await self._read("GET", _path(PROBE_ID))
        except ProviderDown as error:
            return KeyProbe(KeyState.UNREACHABLE, str(error.facts["detail"]), 0, 0)
        took_ms = round((self._clock.monotonic_s() - began_s) * 1_000)
        error = classify_answer(answer, now_ms=self.server_clock.now_ms(), keys=self._keys)
        detail = f"HTTP {answer.status}: {error.facts['detail']}"
        return KeyProbe(key_state(answer, error), detail, took_ms, self.server_clock.offset_ms)

    @property
    def _keys(self) -> tuple[str, ...]:
        return tuple(filter(None, (secret.get_secret_value() for secret in self._secrets)))

    async def _list_page(self, query: Mapping[str, str]) -> Mapping[str, object] | None:
        answer = await self._read("GET", "/v1/predictions", query=query)
        self.listings.observe(answer.headers)
        page = as_mapping(answer.payload())
        if answer.accepted and isinstance(page.get("results"), list):
            return page
        if answer.status in NO_SUCH_ROUTE or (answer.accepted and "error" not in page):
            return None
        raise self._refusal(answer, self.listings)

    async def _read(self, method: str, path: str, *, query: Mapping[str, str] | None = None) -> Answer:
        """Make a call that is safe to repeat. Raises ProviderDown for any connection error."""
        try:
            answer = await self._transport.call(method, path, query=query, wait_s=self._limits.read_s)
        except (NothingSent, AnswerLost) as reason:
            raise ProviderDown(detail=str(reason)) from reason
        if answer.accepted and not answer.whole:
            raise ProviderDown(detail="the answer broke off")
        return answer

    def _refusal(self, answer: Answer, budget: RateBudget | None = None, *, private: Collection[str] = ()) -> RunFailed:
        """Classify a refusal and log it with the provider's request id, which only the operator sees.

        `private` are texts of the request, such as the prompt, which some providers quote in their errors.
        """
        hidden = (*self._keys, *private)
        error = classify_answer(answer, now_ms=self.server_clock.now_ms(), keys=hidden)
        if budget is not None and isinstance(error, ProviderBusy):
            budget.throttled(float(error.facts["retry_after_s"]))
        complaint = read_complaint(answer, hidden)
        facts = {**error.facts, "detail": complaint.text}  # the whole text, because members may see less of it
        self._log.warning(
            "provider_refused", status=answer.status, error=error.key, request_id=complaint.request_id, **facts
        )
        return error

    def _prediction(self, answer: Answer, asked: str | None = None) -> ProviderPrediction | None:
        """Return the run that an accepted answer describes; None if it does not describe one.

        Raises ProviderDown if it is not the run that was `asked` for.
        """
        # `answer.whole` need not be checked: truncated JSON does not parse, and JSON that parses is complete.
        payload = answer.payload() if answer.accepted else None
        found = parse_prediction(payload)
        if found is None or is_refusal(payload):
            return None
        if asked is not None and found.id != asked:
            self._log.error("provider_answered_for_another_run", asked=asked, answered=found.id)
            raise ProviderDown(detail="the answer was for another run")
        self._note_status(found)
        if found.error is None:
            return found
        hidden = (*self._keys, *texts_of(found.input))
        error = one_line(found.error, hidden)
        if found.status is RunStatus.FAILED:
            self._log.warning("provider_run_failed", run=found.id, detail=error)
        return replace(found, error=cleaned(found.error, hidden))

    def _note_status(self, found: ProviderPrediction) -> None:
        """Log an unknown status once. Runs with it are read until their deadlines."""
        status = found.raw_status[:STATUS_CHARS]
        if is_known(status) or status in self._unknown or len(self._unknown) >= STATUSES_MAX:
            return
        self._unknown.add(status)
        self._log.warning("provider_status_unknown", status=status, run=found.id, counts_as=found.status.value)


def is_about_webhooks(error: RunFailed) -> bool:
    """Return whether a create was refused because of its webhook, so that it may be sent again without one."""
    return error.facts.get("about") == WEBHOOK


def _names_webhook(answer: Answer, body: Mapping[str, object], private: Collection[str]) -> bool:
    """Return whether a refusal is about the webhook; its words prove nothing if the input contains that word too."""
    fields = (as_mapping(field) for field in as_list(as_mapping(answer.payload()).get("invalid_fields")))
    named = any(str(field.get("field")).startswith(WEBHOOK) for field in fields)
    if named or WEBHOOK in json.dumps(body.get("input")).lower():
        return named
    return re.search(rf"\b{WEBHOOK}", read_complaint(answer, private).text, re.IGNORECASE) is not None


def _path(prediction_id: str) -> str:
    if not PREDICTION_ID.fullmatch(prediction_id):
        raise NotFound(what="prediction", name="")
    return f"/v1/predictions/{prediction_id}"


def _consistent(listed: list[ProviderPrediction]) -> tuple[ProviderPrediction, ...]:
    """Return each listed run once, without those that are listed with different contents."""
    found: dict[str, ProviderPrediction] = {}
    doubtful: set[str] = set()
    for entry in listed:
        first = found.setdefault(entry.id, entry)
        # A run that moves to the next page while the pages are read is listed twice, possibly with a newer status.
        if (first.input, first.model, first.version) != (entry.input, entry.model, entry.version):
            doubtful.add(entry.id)
    return tuple(entry for name, entry in found.items() if name not in doubtful)


def _cursor(link: object) -> str | None:
    """Return the cursor from a list's link to the next page.

    The link is not followed: through a gateway, it still points to the official host, which must not get the key.
    """
    if not isinstance(link, str) or len(link) > LINK_CHARS:
        return None
    try:
        found = parse_qs(urlsplit(link).query).get("cursor")
    except ValueError:
        return None
    return found[0] if found else None
