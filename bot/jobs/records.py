"""The records of a job's life, frozen and typed. The values of the enums are stored in the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot import interaction_token
from bot.catalogue.order import Order
from bot.catalogue.plan import Plan
from bot.errors import Failure
from bot.funding.allowance_rows import Recipient
from bot.jobs.durations import Usual
from bot.jobs.waits import Wait
from bot.policy.policy_records import Circumstances, Requester
from bot.preferences.preference_records import Ping


class State(StrEnum):
    """The state of a job. The first five are in progress; the rest are terminal."""

    ACCEPTED = "accepted"
    """Credits are held; it is not known yet whether Discord accepted the card."""
    WAITING = "waiting"
    """Waiting for its input files, a slot, or the provider's rate limit."""
    RUNNING = "running"
    """Its predictions are being created or are running."""
    COLLECTING = "collecting"
    """Outputs are being copied into our store."""
    DELIVERING = "delivering"
    """The results are in our store and paid for, and are being shown."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ORPHANED = "orphaned"
    """The outcome of a create is unknown, or the provider lost the run: it may have run at the operator's cost."""
    UNDELIVERED = "undelivered"
    """Paid and stored, but every way of showing it failed. It becomes DONE when it is shown later."""


LIVE = frozenset({State.ACCEPTED, State.WAITING, State.RUNNING, State.COLLECTING})
"""The states in which a job has a hold."""

WITHOUT_RESULT = frozenset({State.FAILED, State.CANCELLED, State.EXPIRED, State.ORPHANED})
"""The states of jobs that have ended and that nobody paid for."""

TERMINAL = WITHOUT_RESULT | {State.DONE, State.UNDELIVERED}

SPOILER_PREFIX = "SPOILER_"
"""The prefix of the names of files that Discord's clients hide until someone presses them."""


class PredictionState(StrEnum):
    """The state of one create call and its run."""

    INTENDED = "intended"
    SUBMITTING = "submitting"
    """The call may have been sent: after a crash its outcome is unknown."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


OPEN_PREDICTIONS = (PredictionState.INTENDED, PredictionState.SUBMITTING, PredictionState.RUNNING)
"""The states of predictions that have not ended, in the order in which a prediction reaches them."""


class Visibility(StrEnum):
    """The audience of the result."""

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


IN_PLACE = frozenset({Rung.TOKEN_EDIT, Rung.BOT_EDIT})
"""The rungs that edit a job's card, which pings nobody; a new message pings on its own."""


class EndNotice(StrEnum):
    """Whether the end of the job has been shown to its member."""

    NONE = "none"
    DUE = "due"
    SHOWN = "shown"
    KEPT = "kept"


class ApprovalState(StrEnum):
    """The outcome of a job's approval. The values are stored and are part of text keys, so they must not change."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    """Nobody decided in time."""
    ENDED = "ended"
    """The job ended for another reason, for example because its member cancelled it."""


class Way(StrEnum):
    """A way of notifying a member that a job has ended, in addition to its card."""

    PING = "ping"
    """A short reply to the card, in its channel."""
    DM = "dm"
    """A direct message that the member asked for."""


class NotifyChoice(StrEnum):
    """The result of pressing the button that asks for a direct message."""

    ON = "on"
    OFF = "off"
    TOO_LATE = "too_late"
    """The job has ended."""


class Relation(StrEnum):
    """The relation of a job to the result that it was made from."""

    REROLL = "reroll"
    AGAIN = "again"
    EDIT = "edit"
    UPSCALE = "upscale"
    ANIMATE = "animate"
    REMOVEBG = "removebg"
    LIPSYNC = "lipsync"


@dataclass(frozen=True, slots=True)
class Parent:
    """The result that an order was made from: the long id of its job, or another name if it was not an Easel job.

    `picture` is the number, from 1, of one of the job's pictures (for `lipsync`: videos); 0 for the whole result.
    """

    source: str
    relation: Relation
    picture: int = 0


@dataclass(frozen=True, slots=True)
class Lineage:
    """The job that a job was made from; `short_id` is None if its record is gone or it was not an Easel job."""

    parent: Parent
    short_id: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """The interaction that an order answers, with everything that is needed to answer it now or after a restart.

    `order_key` is the id of the interaction that placed the order: of its command, or of the press that made a new
    order. At most one job has it. An order that is confirmed later keeps the key of its command; all other fields are
    those of the interaction that is answered, which is then the press of Start.

    Times are Discord's, in milliseconds. `app_permissions` are the bot's permissions in this channel, as Discord
    computed them, and `in_thread` is whether the channel is a thread, which has its own permission. `filesize_limit` is
    in bytes, for this interaction. Locales are Discord's codes. `here` is everything else that decides about the order.
    """

    order_key: int
    application_id: int
    token: str
    created_ms: int
    guild: int
    channel: int
    member: int
    app_permissions: int
    filesize_limit: int
    locale: str
    guild_locale: str
    visibility: Visibility = Visibility.CHANNEL
    parent: Parent | None = None
    in_thread: bool = False
    here: Circumstances = field(default_factory=Circumstances)

    @property
    def asker(self) -> Requester:
        """Who placed the order, and where, as the policy needs to know it."""
        here = replace(
            self.here,
            channel=self.here.channel or self.channel,
            in_thread=self.in_thread,
            app_permissions=self.app_permissions,
        )
        return Requester(self.guild, self.member, here)

    @property
    def recipient(self) -> Recipient:
        """The member who placed the order, in the form that allowances need."""
        return Recipient(self.guild, self.member, self.here.roles)


@dataclass(frozen=True, slots=True)
class PendingOrder:
    """An order whose price was shown. `id` is its order key (see Origin), which the job it may become keeps.

    `alternatives` are the cheaper orders that were offered in its place. `pool_pays` is whether the guild's pool was
    to pay when the price was shown.
    """

    id: int
    guild: int
    member: int
    visibility: Visibility
    order: Order
    quoted_mcr: int
    alternatives: tuple[Order, ...]
    parent: Parent | None
    expires_ms: int
    pool_pays: bool = False


class HasVisibility(Protocol):
    """The fields of a job that decide who may see it."""

    @property
    def member(self) -> int:
        """The id of the member who ordered it."""
        ...

    @property
    def state(self) -> State:
        """The state of the job."""
        ...

    @property
    def visibility(self) -> Visibility:
        """Whether everyone may see it, or only its member."""
        ...

    @property
    def shown_by(self) -> Rung | None:
        """The rung that showed its end."""
        ...

    @property
    def removed_by(self) -> int:
        """The id of the person who deleted the message of its result; 0 if it was not deleted."""
        ...

    @property
    def taken_down(self) -> int:
        """The case that took its result down; 0 if none did."""
        ...


class Visible:
    """A mixin for records with these fields: it tells who may see a job and its result."""

    __slots__ = ()

    @property
    def is_private(self: "HasVisibility") -> bool:
        """Whether only the member may see this job."""
        return self.visibility is not Visibility.CHANNEL

    @property
    def is_public(self: "HasVisibility") -> bool:
        """Whether everyone in its channel can see it: it is for everyone, and its result was not kept or removed."""
        kept = self.state is State.UNDELIVERED or self.shown_by in (Rung.DM, Rung.KEPT)
        private = self.visibility is not Visibility.CHANNEL
        return not (private or kept or self.removed_by)

    @property
    def was_removed_by_moderator(self: "HasVisibility") -> bool:
        """Whether a moderator took its result down, or someone other than its member deleted it."""
        return self.taken_down > 0 or self.removed_by not in (0, self.member)


@dataclass(frozen=True, slots=True)
class Job(Visible):
    """An accepted order and its state. Money is in milli-credits; times are in milliseconds, by our own clock.

    `payer` is the member's id, or 0 if the guild's pool pays. `message` is the card's id, 0 until Discord accepted it.
    `order_key` is the key of its order, `token` the token of the interaction to answer (see Origin; never logged).
    `deadline_ms` is when Easel gives up the job, unless a last look finds a result. `shown_by` is the rung that showed
    its end, None before that. `removed_by` is the person who deleted the message of its result, 0 if nobody did.
    `cancelled_by` is the person who asked to cancel it. `taken_down` is the number of the case that took its result
    down, 0 if none did; its texts are erased then. A `spoiler` is hidden until someone presses it.
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
    notice: EndNotice
    shown_by: Rung | None = None
    removed_by: int = 0
    cancelled_by: int | None = None
    taken_down: int = 0
    spoiler: bool = False

    @property
    def cancelled_by_member(self) -> bool:
        """Whether it was cancelled by its own member, who already knows that."""
        return self.state is State.CANCELLED and self.cancelled_by == self.member

    @property
    def can_be_cancelled(self) -> bool:
        """Whether a cancel request would still have an effect."""
        return self.state in (State.ACCEPTED, State.WAITING, State.RUNNING) and self.cancel_asked_ms is None

    @property
    def has_paid_results(self) -> bool:
        """Whether its results are paid for, which means that they must be shown or have been shown."""
        return self.captured_mcr > 0 and self.state in (State.DELIVERING, State.DONE, State.UNDELIVERED)

    def can_use_token(self, discord_ms: int) -> bool:
        """Return whether the interaction's token may still be used at this time by Discord's clock."""
        return interaction_token.is_usable(self.token, discord_ms - self.token_created_ms)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A create call of a job and its run. Times are the provider's, in milliseconds; `seed` is read from the logs.

    Only `polled_ms` is local: when the last stored read of the run began, or when its end was first seen.
    `step` and `steps` come from the progress bar in the logs, and `phase` from its other lines (see bot.provider.logs);
    None if the model does not print one.
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
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Artefact:
    """A result file in our own store. `size` is in bytes, sides in pixels, length in milliseconds; `name` is shown."""

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
    """Everything that a card or a delivery needs to know about a job at one moment.

    `artefacts` are the results that are stored so far; a job that ended without a result has none, even if some were
    stored before it was given up. `balance_mcr` is what its payer has available after this job. `wait` is what a job
    that has not begun is waiting for; it is None for others. `usual` is None if too few similar runs are known or the
    job has ended. `ping` is when its member wants to be pinged; it is only read until the member has been notified.
    `by_dm` is whether they asked for a direct message about the end, which replaces the ping.
    """

    job: Job
    predictions: tuple[Prediction, ...]
    artefacts: tuple[Artefact, ...]
    balance_mcr: int
    wait: Wait | None = None
    lineage: Lineage | None = None
    usual: Usual | None = None
    ping: Ping = Ping.LONG
    by_dm: bool = False

    @property
    def true_seeds(self) -> tuple[int | None, ...]:
        """The seed of each run as its logs show it, None if they do not.

        The seed of the order is used only for a single run: how several runs derived their seeds from it is not known.
        """
        ordered = self.job.order.seed if len(self.predictions) == 1 else None
        return tuple(ordered if run.seed is None else run.seed for run in self.predictions)


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification to be sent about the end of a job.

    `tried`: an earlier attempt may have worked. `instead`: it replaces a direct message that could not be sent.
    """

    way: Way
    tried: bool
    instead: bool = False


SHOWN = "shown"
"""The outcome of an attempt that worked; that of a failed attempt is a short reason such as `10008`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to show how a job ended, written before the call. `outcome` is None while it is unknown."""

    job: str
    number: int
    rung: Rung
    at_ms: int
    outcome: str | None
    message: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The place where the end of a job was shown: by which rung, in which channel, as which message."""

    rung: Rung
    channel: int
    message: int


@dataclass(frozen=True, slots=True)
class Posting:
    """A message that shows a job."""

    channel: int
    message: int


class Deleter(StrEnum):
    """The person who deleted a message with a result."""

    MEMBER = "member"
    """The member who ordered the result deleted the message with Easel's button."""
    MODERATOR = "moderator"
    UNKNOWN = "unknown"
    """It was found deleted. Members cannot delete it without Easel's button, so someone with more rights did it."""


@dataclass(frozen=True, slots=True)
class JobMessages:
    """Where a job's end was last shown (None: not yet), and which of its messages are gone, by id."""

    shown: Receipt | None
    deleted: Mapping[int, Deleter]

    @property
    def removed(self) -> bool:
        """Whether a moderator removed one of its messages, or may have."""
        return any(deleter is not Deleter.MEMBER for deleter in self.deleted.values())

    @property
    def removed_for_certain(self) -> bool:
        """Whether a moderator removed one of its messages with Easel's button."""
        return Deleter.MODERATOR in self.deleted.values()


@dataclass(frozen=True, slots=True)
class UnreadableJob:
    """The known facts about a public job that has failed and whose order or plan cannot be read."""

    id: str
    short_id: str
    guild: int
    channel: int
    message: int
    member: int
    locale: str
    released_mcr: int


@dataclass(frozen=True, slots=True)
class StoredInput:
    """A member's file in our store. `path` is relative to the store; sides are in pixels, length in milliseconds."""

    job: str
    slot: str
    path: str
    media: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    duration_ms: int | None
