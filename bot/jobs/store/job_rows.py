"""The table `job`: storing jobs, finding them and changing their state."""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from bot.catalogue import serial
from bot.catalogue.order import Order
from bot.catalogue.plan import Plan
from bot.errors import BotRemoved, CancelledByMember, Failure
from bot.jobs.records import LIVE, WITHOUT_RESULT, EndNotice, Job, Origin, Receipt, Rung, State, UnreadableJob
from bot.jobs.store import pause_rows, posted_message_rows
from bot.jobs.store.json_columns import failure_of, failure_values
from bot.ledger import keys
from bot.policy.admission import Admission
from bot.storage.operation import Operation, Row, Rows, SqlValue, Statement, select_in

COLUMNS = (
    "id, short_id, guild, channel, member, payer, state, ordered, planned, held_mcr, captured_mcr, visibility, "
    "locale, guild_locale, interaction, application, token, token_created_ms, filesize_limit, message, created_ms, "
    "updated_ms, deadline_ms, cancel_asked_ms, failure_key, failure_facts, notice, shown_rung, removed_by, "
    "cancelled_by, taken_down, spoiler"
)

# SQLite uses a partial index only if a query repeats the index's condition in the same order, even if another condition
# implies it (https://www.sqlite.org/partialindex.html). Without the index, a worker that looks for jobs would read
# every job that ever existed.
IN_PROGRESS = "state IN ('accepted', 'waiting', 'running', 'collecting', 'delivering')"
"""The condition of the index `job_live`, to be added to queries for some of these states."""


_BY_DM = "EXISTS (SELECT 1 FROM notification n WHERE n.job = job.id AND n.way = 'dm' AND n.state = 'asked')"


@dataclass(frozen=True, slots=True)
class NewJob:
    """The values of an accepted order to be stored. `short_ids` are candidates: the first free one is used."""

    id: str
    short_ids: Sequence[str]
    payer: int
    order: Order
    plan: Plan
    origin: Origin
    admission: Admission
    encrypted_token: bytes
    at_ms: int
    deadline_ms: int
    check_ms: int
    approval_ms: int = 0
    """The deadline if a moderator has to approve the job."""


@dataclass(frozen=True, slots=True)
class WrittenJob:
    """A new job as it was written: with the payer and the deadline of that moment, and the short id that was free."""

    new: NewJob
    short_id: str
    spoiler: bool


def new_job(written: WrittenJob) -> Job:
    """Return the record of a job that was just written."""
    new, origin = written.new, written.new.origin
    return Job(
        new.id,
        written.short_id,
        origin.guild,
        origin.channel,
        origin.member,
        new.payer,
        state=State.ACCEPTED,
        order=new.order,
        plan=new.plan,
        held_mcr=new.plan.quote.milli_credits,
        captured_mcr=0,
        visibility=origin.visibility,
        locale=origin.locale,
        guild_locale=origin.guild_locale,
        order_key=origin.order_key,
        application=origin.application_id,
        token=origin.token,
        token_created_ms=origin.created_ms,
        filesize_limit=origin.filesize_limit,
        message=0,
        created_ms=new.at_ms,
        updated_ms=new.at_ms,
        deadline_ms=new.deadline_ms,
        cancel_asked_ms=None,
        failure=None,
        notice=EndNotice.NONE,
        spoiler=written.spoiler,
    )


def insert(new: NewJob) -> Operation[str]:
    """Write a job as accepted, with a short id that is free in its guild, and return the short id."""
    origin, plan = new.origin, new.plan
    short_id = yield from _free_short_id(origin.guild, new.short_ids)
    yield Statement(
        "INSERT INTO job (id, short_id, guild, channel, member, payer, state, task, model, ordered, planned, held_mcr, "
        "visibility, locale, guild_locale, interaction, application, token, token_created_ms, filesize_limit, "
        "created_ms, updated_ms, deadline_ms, retry_ms, files) VALUES ($1, $2, $3, $4, $5, $6, 'accepted', $7, $8, $9, "
        "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20, $21, $22, $23)",
        new.id, short_id, origin.guild, origin.channel, origin.member, new.payer,
        new.order.task, new.order.model, serial.dump_order(new.order), serial.dump_plan(plan),
        plan.quote.milli_credits, origin.visibility, origin.locale, origin.guild_locale, origin.order_key,
        origin.application_id, new.encrypted_token, origin.created_ms, origin.filesize_limit,
        new.at_ms, new.deadline_ms, new.check_ms, len(new.order.files),
    )  # fmt: skip
    return short_id


def _free_short_id(guild: int, candidates: Sequence[str]) -> Operation[str]:
    for candidate in candidates:
        taken = yield Statement("SELECT 1 FROM job WHERE guild = $1 AND short_id = $2", guild, candidate)
        if not taken:
            return candidate
    raise RuntimeError(f"none of {len(candidates)} short ids is free in guild {guild}")


def by_ids(jobs: Collection[str]) -> Operation[dict[str, Row]]:
    """Return the columns of each of these jobs that exists, by id, and whether its member asked for a DM."""
    rows = yield from select_in(f"SELECT {COLUMNS}, {_BY_DM} FROM job WHERE id IN ({{keys}})", jobs)
    return {cast("str", row[0]): row for row in rows}


def unreadable(job: str) -> Operation[UnreadableJob | None]:
    """Return the readable part of a job that has failed and whose public card has to show that; None for others."""
    rows = yield Statement(
        "SELECT id, short_id, guild, channel, message, member, guild_locale, held_mcr FROM job WHERE id = $1 "
        f"AND visibility = 'channel' AND message > 0 AND notice = 'due' AND state IN ({listed(WITHOUT_RESULT)})",
        job,
    )
    return UnreadableJob(*cast("tuple[str, str, int, int, int, int, str, int]", rows[0])) if rows else None


def id_of_interaction(interaction: int) -> Operation[str | None]:
    """Return the job that was made under this order key, or None."""
    return cast("str | None", (yield from _value("SELECT id FROM job WHERE interaction = $1", interaction)))


def id_of_short(guild: int, short_id: str) -> Operation[str | None]:
    """Return the job with this short id, or None."""
    return cast(
        "str | None", (yield from _value("SELECT id FROM job WHERE guild = $1 AND short_id = $2", guild, short_id))
    )


def id_of_message(guild: int, message: int) -> Operation[str | None]:
    """Return the job whose card or result this message shows, or None."""
    return cast(
        "str | None",
        (
            yield from _value(
                # 0 stands for "no message" and must not match. One SELECT for each index of messages, and `guild + 0`
                # keeps SQLite from reading all jobs of the guild.
                "SELECT id FROM (SELECT id, created_ms FROM job "
                "WHERE message = $2 AND message > 0 AND guild + 0 = $1 UNION ALL SELECT id, created_ms FROM job "
                "WHERE shown_message = $2 AND shown_message > 0 AND guild + 0 = $1) AS found "
                "ORDER BY created_ms DESC LIMIT 1",
                guild,
                message,
            )
        ),
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """A job whose state was just changed, with the data needed to settle its hold."""

    id: str
    guild: int
    payer: int
    held_mcr: int
    interaction: int

    @property
    def hold_key(self) -> str:
        """The key of its hold in the ledger."""
        return keys.interaction(self.interaction)


def move(
    job: str,
    sources: Collection[State],
    to: State,
    at_ms: int,
    *,
    failure: Failure | None = None,
    captured_mcr: int = 0,
    deadline_ms: int | None = None,
    retry_ms: int = 0,
) -> Operation[Moved | None]:
    """Change the state of a job that is in one of `sources`, and forget its failed tries. None for any other job."""
    key, facts = failure_values(failure)
    # The condition decides between competing transitions: only one UPDATE finds the row in its source state.
    rows = yield Statement(
        "UPDATE job SET state = $2, updated_ms = $3, failure_key = $4, failure_facts = $5, "
        "captured_mcr = captured_mcr + $6, deadline_ms = COALESCE($7, deadline_ms), retry_ms = $8 "
        f"WHERE id = $1 AND state IN ({listed(sources)}) "
        "RETURNING id, guild, payer, held_mcr, interaction",
        job,
        to,
        at_ms,
        key,
        facts,
        captured_mcr,
        deadline_ms,
        retry_ms,
    )
    if not rows:
        return None
    yield from pause_rows.forget(job)
    return Moved(*cast("tuple[str, int, int, int, int]", rows[0]))


def taken(job: str, message: int, at_ms: int) -> Operation[bool]:
    """Record that Discord accepted the card, and let an accepted job wait for its slot.

    Return whether it was still accepted. If it has ended in the meantime, its end is now due to be shown on that card,
    even if it was shown elsewhere.
    """
    # A message id of 0 means that only the acceptance is known, for example because someone pressed a button on the
    # card.
    yield Statement("UPDATE job SET message = $2 WHERE id = $1 AND message = 0 AND $2 > 0", job, message)
    moved = yield from move(job, {State.ACCEPTED}, State.WAITING, at_ms)
    if moved is None:
        # A card that comes to light after its job's end would otherwise promise a result forever.
        yield Statement(
            "UPDATE job SET notice = 'due', retry_ms = 0, message = CASE WHEN $2 > 0 THEN $2 ELSE message END "
            "WHERE id = $1 AND (notice = 'none' OR ($2 > 0 AND notice <> 'due' AND COALESCE(shown_message, 0) <> $2)) "
            f"AND state IN ({listed(WITHOUT_RESULT)})",
            job,
            message,
        )
    return moved is not None


def set_notice(job: str, notice: EndNotice, *, forget_pauses: bool = True) -> Operation[None]:
    """Record whether the end of the job has been shown, and forget its failed tries if `forget_pauses` is set."""
    yield Statement("UPDATE job SET notice = $2, retry_ms = 0 WHERE id = $1", job, notice)
    if forget_pauses:
        yield from pause_rows.forget(job)


def set_receipt(job: str, rung: str, channel: int, message: int) -> Operation[None]:
    """Record where a job's end was shown."""
    if rung != Rung.KEPT and channel and message:  # a kept result's message is private and cannot be deleted
        yield from posted_message_rows.add(job, channel, message)
    yield Statement(
        "UPDATE job SET shown_rung = $2, shown_channel = $3, shown_message = $4, "
        "message = CASE WHEN message = 0 THEN $4 ELSE message END WHERE id = $1",
        job,
        rung,
        channel,
        message,
    )


def receipt(job: str) -> Operation[Receipt | None]:
    """Return where a job's end was last shown, or None."""
    row = yield from _one("SELECT shown_rung, shown_channel, shown_message FROM job WHERE id = $1", job)
    if row is None or row[0] is None:
        return None
    return Receipt(Rung(cast("str", row[0])), cast("int", row[1]), cast("int", row[2]))


def remove(job: str, by: int, at_ms: int) -> Operation[bool]:
    """Record who deleted the message of a job's result. Return False if a moderator had already removed it."""
    rows = yield Statement(
        "UPDATE job SET removed_by = $2, removed_ms = $3 WHERE id = $1 AND removed_by IN (0, member) RETURNING id",
        job,
        by,
        at_ms,
    )
    return bool(rows)


def restore(job: str) -> Operation[None]:
    """Record that a result that its member had deleted is posted again."""
    yield Statement("UPDATE job SET removed_by = 0, removed_ms = 0 WHERE id = $1 AND removed_by = member", job)


def is_removed(job: str) -> Operation[bool]:
    """Return whether a job's result was taken down, or someone other than its member deleted it."""
    return bool(
        (
            yield from _value(
                "SELECT 1 FROM job WHERE id = $1 AND (taken_down > 0 OR removed_by NOT IN (0, member))", job
            )
        )
    )


def cancelled_by(job: str, member: int) -> Operation[None]:
    """Record the person who requested the cancellation of a job. Only the first one counts."""
    yield Statement("UPDATE job SET cancelled_by = COALESCE(cancelled_by, $2) WHERE id = $1", job, member)


def ask_cancel(job: str, at_ms: int) -> Operation[bool]:
    """Record a cancel request for a running job; the first one counts. Return False if it is not running."""
    rows = yield Statement(
        "UPDATE job SET cancel_asked_ms = COALESCE(cancel_asked_ms, $2), retry_ms = 0 "
        "WHERE id = $1 AND state = 'running' RETURNING id",
        job,
        at_ms,
    )
    return bool(rows)


@dataclass(frozen=True, slots=True)
class JobDeadline:
    """A job's time limits: its deadline, when and by whom cancelling was requested, and when its state began."""

    deadline_ms: int
    cancel_asked_ms: int | None
    since_ms: int
    cancelled_by: int | None

    @property
    def cancellation(self) -> Failure:
        """Why the job is cancelled. If nobody requested it, the guild has removed the bot."""
        return (BotRemoved() if self.cancelled_by is None else CancelledByMember()).failure


def plan_of(job: str) -> Operation[tuple[str, str] | None]:
    """Return a job's order and plan as they are stored; None if there is no such job."""
    row = yield from _one("SELECT ordered, planned FROM job WHERE id = $1", job)
    return None if row is None else cast("tuple[str, str]", tuple(row))


def limits(job: str) -> Operation[JobDeadline]:
    """Return a job's time limits, in local time."""
    row = yield from _one("SELECT deadline_ms, cancel_asked_ms, updated_ms, cancelled_by FROM job WHERE id = $1", job)
    return JobDeadline(*cast("tuple[int, int | None, int, int | None]", row))


def open_in_guild(guild: int) -> Operation[list[str]]:
    """Return the jobs of a guild that can still be cancelled."""
    rows = yield Statement(
        f"SELECT id FROM job WHERE guild = $1 AND state IN ('accepted', 'waiting', 'running') AND {IN_PROGRESS} "
        # `+ 0` keeps SQLite from reading all jobs of the guild in that order.
        "ORDER BY created_ms + 0",
        guild,
    )
    return [cast("str", row[0]) for row in rows]


def state_of(job: str) -> Operation[State]:
    """Return a job's state."""
    return State(cast("str", (yield from _value("SELECT state FROM job WHERE id = $1", job))))


def ended_before(jobs: Collection[str], before_ms: int) -> Operation[frozenset[str]]:
    """Return the jobs among these that ended before this time and have not changed since."""
    rows = yield from select_in(
        "SELECT id FROM job WHERE updated_ms < $1 "
        "AND state IN ('done', 'undelivered', 'failed', 'cancelled', 'expired', 'orphaned') AND id IN ({keys})",
        jobs,
        before_ms,
    )
    return frozenset(cast("str", row[0]) for row in rows)


def live_ids() -> Operation[frozenset[str]]:
    """Return the jobs that have a hold."""
    rows = yield Statement(f"SELECT id FROM job WHERE state IN ({listed(LIVE)}) AND {IN_PROGRESS}")
    return frozenset(cast("str", row[0]) for row in rows)


def guilds_with_open_jobs() -> Operation[frozenset[int]]:
    """Return the guilds that have jobs which can still be cancelled."""
    rows = yield Statement(
        f"SELECT DISTINCT guild FROM job WHERE state IN ('accepted', 'waiting', 'running') AND {IN_PROGRESS}"
    )
    return frozenset(cast("int", row[0]) for row in rows)


def retry_at(job: str, state: State, retry_ms: int) -> Operation[None]:
    """Make the next step of a job in this state due at this time; 0 means at once."""
    # In another state its next step is a different one: a pause between creates must not delay the job's end.
    yield Statement("UPDATE job SET retry_ms = $3 WHERE id = $1 AND state = $2", job, state, retry_ms)


def put_off(job: str, states: Collection[State], deadline_ms: int) -> Operation[None]:
    """Give a job in one of these states a new deadline."""
    yield Statement(f"UPDATE job SET deadline_ms = $2 WHERE id = $1 AND state IN ({listed(states)})", job, deadline_ms)


def is_overdue(job: str, at_ms: int) -> Operation[bool]:
    """Return whether a job's deadline has passed."""
    return bool((yield Statement("SELECT 1 FROM job WHERE id = $1 AND deadline_ms <= $2", job, at_ms)))


def running_with(job: str) -> Operation[tuple[int, int]]:
    """Return how many jobs of this job's guild are running, and how many of them are its member's."""
    rows = yield Statement(
        "SELECT COUNT(*), COUNT(CASE WHEN r.member = j.member THEN 1 END) FROM job j JOIN job r ON r.guild = j.guild "
        "WHERE j.id = $1 AND r.state = 'running'",
        job,
    )
    return cast("tuple[int, int]", tuple(rows[0]))


def make_some_due(since_ms: int, most: int) -> Operation[bool]:
    """Make up to `most` postponed steps due now; return whether more may be left.

    Called at startup, because the decisions to wait were made by an earlier process. The cards of orders accepted since
    this process started are left alone: they are being sent to Discord.
    """
    yield from pause_rows.forget_all()
    rows = yield Statement(
        # Only postponed jobs: startup must not write every job. One SELECT for each index, because of the OR.
        f"UPDATE job SET retry_ms = 0 WHERE id IN (SELECT id FROM (SELECT id, state, created_ms FROM job "
        f"WHERE {IN_PROGRESS} AND retry_ms > 0 UNION SELECT id, state, created_ms FROM job "
        "WHERE notice = 'due' AND retry_ms > 0) AS postponed "
        "WHERE state <> 'accepted' OR created_ms <= $1 LIMIT $2) RETURNING id",
        since_ms,
        most,
    )
    return len(rows) == most


def failure_in(row: Row) -> Failure | None:
    """Return the failure in a row of COLUMNS, or None."""
    return failure_of(row[24], row[25])


def listed(states: Collection[State]) -> str:
    """Return states as SQL text, for a condition with `IN`."""
    return ", ".join(f"'{state.value}'" for state in sorted(states))


def _one(sql: str, *values: SqlValue) -> Operation[Row | None]:
    rows: Rows = yield Statement(sql, *values)
    return rows[0] if rows else None


def _value(sql: str, *values: SqlValue) -> Operation[SqlValue]:
    row = yield from _one(sql, *values)
    return row[0] if row else None
