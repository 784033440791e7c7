"""Fakes of the provider and the messenger that keep state."""

import asyncio
import io
from dataclasses import dataclass, field

from PIL import Image

from bot.clock import Clock
from bot.errors import NotFound, OutcomeUnknown, ResultExpired, ResultUnusable
from bot.filetype import sniff
from bot.jobs.ports import CardEnd, CardState, FoundCard, NotifyResult
from bot.jobs.records import Receipt, Rung
from bot.provider.budget import RateBudget
from bot.provider.download import Download
from bot.provider.wire import ProviderPrediction, RunStatus


def picture(side=8, kind="PNG"):
    """Return the bytes of a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, kind)
    return out.getvalue()


DM_CHANNEL = 8_008
"""The channel of the direct messages to every member."""


class FreeBudget:
    """Lets every call through at once."""

    rate = 1_000.0
    available = 1_000

    async def take(self):
        return

    def try_take(self) -> bool:
        return True

    def give_back(self):
        return


class CountedBudget(FreeBudget):
    """A budget without a limit that counts its calls."""

    def __init__(self):
        self.taken = 0

    async def take(self):
        self.taken += 1

    def try_take(self) -> bool:
        self.taken += 1
        return True

    def give_back(self):
        self.taken -= 1


@dataclass(slots=True)
class FakeRun:
    """A run at the provider."""

    id: str
    path: str
    input: dict
    created_ms: int
    status: RunStatus = RunStatus.STARTING
    outputs: tuple = ()
    error: str | None = None
    completed_ms: int | None = None
    step: int | None = None


@dataclass
class FakeProvider:
    """A provider that keeps runs.

    `on_create` has the outcomes of the next creates: `ok`, `lost` (it runs, but the answer is lost), `vanished` (the
    answer is lost and nothing runs), or an error to raise; afterwards all are `ok`. With `auto`, a run succeeds when it
    is first read. Files are served from `files`; a URL that is absent has expired.
    """

    clock: Clock
    auto: bool = False
    lists: bool = False
    cancels: bool = True
    outputs_each: int = 1
    page_size: int = 100
    on_create: list = field(default_factory=list)
    on_fetch: list = field(default_factory=list)
    on_download: list = field(default_factory=list)
    runs: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    webhooks: list = field(default_factory=list)
    reads_made: int = 0
    pages_read: list = field(default_factory=list)
    downloads_made: list = field(default_factory=list)
    creates: FreeBudget = field(default_factory=FreeBudget)
    reads: FreeBudget | RateBudget = field(default_factory=FreeBudget)
    listings: FreeBudget = field(default_factory=FreeBudget)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def create(self, path, body, *, webhook=None):
        self.webhooks.append(webhook)
        fate = self.on_create.pop(0) if self.on_create else "ok"
        if isinstance(fate, Exception):
            raise fate
        if fate == "vanished":
            raise OutcomeUnknown(detail="no answer")
        run = FakeRun(f"run{len(self.runs) + 1}", path, dict(body["input"]), self.clock.now_ms())
        self.runs[run.id] = run
        self.changed.set()
        if fate == "lost":
            raise OutcomeUnknown(detail="no answer")
        return self._shown(run)

    async def fetch(self, prediction_id):
        self.reads_made += 1
        if self.on_fetch:
            raise self.on_fetch.pop(0)
        run = self.runs.get(prediction_id)
        if run is None:
            raise NotFound(what="prediction")
        if self.auto and not run.status.ended:
            self.succeed(run.id)
        return self._shown(run)

    async def cancel(self, prediction_id):
        run = self.runs.get(prediction_id)
        if run is None or not self.cancels:
            return None
        if not run.status.ended:
            run.status, run.completed_ms = RunStatus.CANCELLED, self.clock.now_ms()
        return self._shown(run)

    async def recent(self, since_ms):
        if not self.lists:
            return None
        return tuple(self._shown(run) for run in reversed(self.runs.values()) if run.created_ms >= since_ms)

    async def page(self, before_ms):
        self.pages_read.append(before_ms)
        if not self.lists:
            return None
        found = [self._shown(run) for run in reversed(self.runs.values()) if run.created_ms < before_ms]
        return tuple(found[: self.page_size])

    async def download(self, url, into, *, max_bytes):
        self.downloads_made.append(url)
        if self.on_download:
            raise self.on_download.pop(0)
        data = self.files.get(url)
        if data is None:
            raise ResultExpired(detail="gone")
        if not data or len(data) > max_bytes:
            raise ResultUnusable(detail="empty or too big")
        await asyncio.to_thread(into.write_bytes, data)
        return Download(len(data), "", sniff(data) or ("text/plain" if data.isascii() else "application/octet-stream"))

    def succeed(self, run_id, *, outputs=None, data=None):
        run = self.runs[run_id]
        count = run.input.get("num_outputs", self.outputs_each) if outputs is None else outputs
        run.outputs = tuple(f"https://files/{run_id}/{index}.png" for index in range(count))
        for index, url in enumerate(run.outputs):
            self.files.setdefault(url, picture(8 + index) if data is None else data)
        run.status, run.completed_ms = RunStatus.SUCCEEDED, self.clock.now_ms()

    def fail(self, run_id, error="CUDA error"):
        run = self.runs[run_id]
        run.status, run.error, run.completed_ms = RunStatus.FAILED, error, self.clock.now_ms()

    def stop(self, run_id):
        """End a run as cancelled although nobody requested that."""
        run = self.runs[run_id]
        run.status, run.completed_ms = RunStatus.CANCELLED, self.clock.now_ms()

    @staticmethod
    def _shown(run):
        return ProviderPrediction(
            id=run.id,
            status=run.status,
            raw_status=run.status.value,
            input=run.input,
            outputs=run.outputs,
            error=run.error,
            seed=7,
            step=run.step,
            steps=None if run.step is None else 4,
            created_ms=run.created_ms,
            started_ms=None,
            completed_ms=run.completed_ms,
            data_removed=False,
            model=run.path.removeprefix("/v1/models/").removesuffix("/predictions"),
            version=None,
        )


@dataclass
class FakeMessenger:
    """A messenger that records what it shows.

    `card_says` and `on_deliver` contain the next outcomes: an error, None, or `ok`; afterwards all are `ok`. `ends` has
    what the messages of jobs show, by job; by default no end. `on_notify` has the outcomes of the next notifications,
    each of which is added to `notified`; afterwards all are sent. `links` has the outcomes of reading a result's
    message: a link, None, or an error; afterwards None.
    """

    card_says: list = field(default_factory=list)
    on_deliver: list = field(default_factory=list)
    progressed: list = field(default_factory=list)
    delivered: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    ended_unreadable: list = field(default_factory=list)
    messages: dict = field(default_factory=dict)
    links: list = field(default_factory=list)
    asked_links: list = field(default_factory=list)
    on_notify: list = field(default_factory=list)
    notified: list = field(default_factory=list)
    rung: Rung = Rung.TOKEN_EDIT
    refusal: str = "50027"
    ends: dict = field(default_factory=dict)
    compared: list = field(default_factory=list)
    on_delete: list = field(default_factory=list)
    deleted: list = field(default_factory=list)

    async def notify(self, snapshot, notification, shown):
        self.notified.append((snapshot.job.id, notification, shown))
        return self.on_notify.pop(0) if self.on_notify else NotifyResult.SENT

    async def link(self, job, shown, artefact):
        self.asked_links.append((job.id, shown, artefact.number))
        found = self.links.pop(0) if self.links else None
        if isinstance(found, Exception):
            raise found
        return found

    async def card(self, job):
        says = self.card_says.pop(0) if self.card_says else CardState.SHOWN
        return says, 900 if says is CardState.SHOWN else 0

    async def delete(self, job, posting):
        fate = self.on_delete.pop(0) if self.on_delete else True
        if fate is True:
            self.deleted.append((job.id, posting.channel, posting.message))
        return fate

    async def end_unreadable(self, job):
        self.ended_unreadable.append(job)
        return True

    async def channel_of(self, job, rung):
        return DM_CHANNEL if rung is Rung.DM else job.channel

    async def find_end(self, job):
        self.compared.append(job.id)
        end = CardEnd.RESULT if job.id in self.messages else None
        return self.ends.get(job.id, FoundCard(CardState.SHOWN, message=job.message, channel=job.channel, end=end))

    def progress(self, snapshot):
        self.progressed.append(snapshot)

    async def deliver(self, snapshot, log):
        fate = self.on_deliver.pop(0) if self.on_deliver else "ok"
        number = await log.begin(self.rung)
        if isinstance(fate, Exception):
            raise fate
        if fate is None:
            self.refused.append(snapshot.job.id)
            await log.end(number, self.refusal)
            return None
        # One message per job, however often it is edited, as a member sees it.
        self.messages[snapshot.job.id] = snapshot
        self.delivered.append(snapshot)
        message = snapshot.job.message or 900
        await log.end(number, "shown", message)
        return Receipt(self.rung, await self.channel_of(snapshot.job, self.rung), message)
