"""The records of a job's life: frozen, typed, and the same words as the tables and the texts."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot import interaction_token
from bot.catalogue.order import Order
from bot.catalogue.plan import Plan
from bot.errors import Failure
from bot.jobs.durations import Usual
from bot.preferences.preference import Ping


class State(StrEnum):
    """Where a job stands. The first five are live or on their way; the rest are terminal."""

    ACCEPTED = "accepted"
    """Held; not known yet whether Discord took the card."""
    WAITING = "waiting"
    """For its input files, a slot, or the rate budget."""
    RUNNING = "running"
    """Its predictions each have a row."""
    COLLECTING = "collecting"
    """Outputs are being copied into our store."""
    DELIVERING = "delivering"
    """Ours, paid, being shown."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ORPHANED = "orphaned"
    """A create's outcome is unknown, or its run is not known any more: it may have run, at the operator's cost."""
    UNDELIVERED = "undelivered"
    """Paid and kept; every way of showing it failed. Becomes done when it is shown later."""


LIVE = frozenset({State.ACCEPTED, State.WAITING, State.RUNNING, State.COLLECTING})
"""The states in which a job has a hold."""

TERMINAL = frozenset({State.DONE, State.FAILED, State.CANCELLED, State.EXPIRED, State.ORPHANED, State.UNDELIVERED})


class PredictionState(StrEnum):
    """Where one create call and its run stand."""

    INTENDED = "intended"
    SUBMITTING = "submitting"
    """The call may be on the wire: after a crash its outcome is unknown."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


class Visibility(StrEnum):
    """Who sees the result."""

    CHANNEL = "channel"
    PRIVATE = "private"
    DM = "dm"


class Rung(StrEnum):
    """One way of showing a job's final state, in the order of the ladder."""

    TOKEN_EDIT = "token_edit"  # noqa: S105 - a name, not a secret
    BOT_EDIT = "bot_edit"
    NEW_MESSAGE = "new_message"
    DM = "dm"
    KEPT = "kept"


class Notice(StrEnum):
    """Whether the member has been told how the job ended."""

    NONE = "none"
    DUE = "due"
    SHOWN = "shown"
    KEPT = "kept"


class Way(StrEnum):
    """How a member is told, beside the job's card, that it has ended."""

    PING = "ping"
    """By a short reply to the card, in its channel."""
    DM = "dm"
    """By a direct message, which they asked for."""


class Relation(StrEnum):
    """What a job does with the result that it was made from."""

    REROLL = "reroll"
    AGAIN = "again"
    EDIT = "edit"
    UPSCALE = "upscale"
    ANIMATE = "animate"
    REMOVEBG = "removebg"
    LIPSYNC = "lipsync"


@dataclass(frozen=True, slots=True)
class Parent:
    """What an order was made from: a job's long id, or another name where it was no job of ours.

    `picture` counts a job's pictures (for `lipsync` its videos) from 1; 0 where the order is not about one of them.
    """

    source: str
    relation: Relation
    picture: int = 0


@dataclass(frozen=True, slots=True)
class Lineage:
    """The job that a job was made from; `short_id` is None where its record is gone, or it was no job of ours."""

    parent: Parent
    short_id: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an order came from: everything that is needed to answer it, now or after a restart.

    `order_key` is the id of the interaction that placed the order: of its command, or of the press that made a new
    order. At most one job has it. An order that is confirmed later keeps the key of its command; all other fields are
    those of the interaction that is answered, which is then the press of Start.

    Times are Discord's, in milliseconds. `permissions` are the member's in this channel, `app_permissions` the bot's,
    both as Discord computed them. `filesize_limit` is in bytes, for this interaction. Locales are Discord's codes.
    """

    order_key: int
    application_id: int
    token: str
    created_ms: int
    guild: int
    channel: int
    member: int
    roles: frozenset[int]
    permissions: int
    app_permissions: int
    filesize_limit: int
    locale: str
    guild_locale: str
    visibility: Visibility = Visibility.CHANNEL
    parent: Parent | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted order and its life until it is shown. Money is in milli-credits, times in our milliseconds.

    `payer` is the member's id, or 0 where the guild's pool pays. `message` is the card's id, 0 until Discord took it.
    `order_key` is the key of its order, `token` that of the answered interaction (see Origin; never logged).
    `deadline_ms` is final: a later result is not shown.
    """

    id: str
    short_id: str
    guild: int
    channel: int
    member: int
    payer: int
    state: State
    order: Order
    plan: Plan
    held_mcr: int
    captured_mcr: int
    visibility: Visibility
    locale: str
    guild_locale: str
    order_key: int
    application: int
    token: str
    token_created_ms: int
    filesize_limit: int
    message: int
    created_ms: int
    updated_ms: int
    deadline_ms: int
    cancel_asked_ms: int | None
    failure: Failure | None
    notice: Notice

    @property
    def is_private(self) -> bool:
        """Whether only the member may see this job."""
        return self.visibility is not Visibility.CHANNEL

    @property
    def can_be_cancelled(self) -> bool:
        """Whether asking to cancel it would still change anything."""
        return self.state in (State.ACCEPTED, State.WAITING, State.RUNNING) and self.cancel_asked_ms is None

    @property
    def has_paid_results(self) -> bool:
        """Whether results were captured, so that they are to be shown or were shown."""
        return self.captured_mcr > 0 and self.state in (State.DELIVERING, State.DONE, State.UNDELIVERED)

    def can_use_token(self, discord_ms: int) -> bool:
        """Tell whether the interaction's token may still be used at this moment of Discord's clock."""
        return interaction_token.is_usable(self.token, discord_ms - self.token_created_ms)


@dataclass(frozen=True, slots=True)
class Prediction:
    """One create call of a job and its run. Times are the provider's, in milliseconds; `seed` is read from the logs.

    `step` and `steps` come from the logs' real progress bar, None where the model prints none.
    """

    job: str
    number: int
    state: PredictionState
    provider_id: str | None
    outputs: tuple[str, ...]
    expected: int
    seed: int | None
    step: int | None
    steps: int | None
    submitted_ms: int | None
    created_ms: int | None
    started_ms: int | None
    completed_ms: int | None
    polled_ms: int | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Artefact:
    """A result file in our own store. `size` in bytes, sides in pixels, length in milliseconds; `name` for people."""

    job: str
    number: int
    prediction: int
    path: Path
    name: str
    media: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a card or a delivery needs to know of a job at one moment.

    `balance_mcr` is what its payer has available after this job; `queue_position` counts from 1 while it waits, among
    `queued` jobs of its guild. `usual` is None where too few runs like this one are known, or the job has ended.
    `ping` is when its member wants to be pinged; it is read until they were told of the end.
    """

    job: Job
    predictions: tuple[Prediction, ...]
    artefacts: tuple[Artefact, ...]
    balance_mcr: int
    queue_position: int | None = None
    lineage: Lineage | None = None
    queued: int = 0
    usual: Usual | None = None
    ping: Ping = Ping.LONG

    @property
    def true_seeds(self) -> tuple[int | None, ...]:
        """The seed of each run as its logs told it, None if they did not.

        The seed that was ordered counts only for a single run: which seeds several runs made of it is not known.
        """
        ordered = self.job.order.seed if len(self.predictions) == 1 else None
        return tuple(ordered if run.seed is None else run.seed for run in self.predictions)


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing to be told of a job's end. `tried`: an earlier try may have worked."""

    way: Way
    tried: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at showing a job's end, written before the call. `outcome` is None while it is unknown."""

    job: str
    number: int
    rung: Rung
    at_ms: int
    outcome: str | None
    message: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof that a job's end was shown: by which rung, in which channel, as which message."""

    rung: Rung
    channel: int
    message: int


@dataclass(frozen=True, slots=True)
class StoredInput:
    """A member's file in our own store. `path` is relative to the store; sides in pixels, length in milliseconds."""

    job: str
    slot: str
    path: str
    media: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    duration_ms: int | None
