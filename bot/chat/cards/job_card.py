"""Renders a job's card from a snapshot, without side effects.

Cards are classic messages (content, one embed, files, buttons) rather than Components V2: they work on every client,
and a video plays only if it is an attachment that no embed refers to. Colour, icon and text say the same thing, so
nobody has to see all three.
"""

import math
from dataclasses import dataclass

import discord

from bot.catalogue.colours import TRANSPARENT
from bot.catalogue.order import Order, Task
from bot.chat.cards.alt_text import alt
from bot.chat.cards.card import BLUE, GREEN, GREY, RED, Card, CardButton, CardFile, Verb
from bot.chat.discord_limits import MESSAGE_FILES
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain, quoted
from bot.chat.texts.texts import Speech
from bot.chat.texts.value_names import COLOUR, name_of
from bot.errors import Failure, InternalError
from bot.interaction_token import PROMISED_MINUTES
from bot.jobs import durations
from bot.jobs.durations import Timing, Usual
from bot.jobs.records import Job, PredictionState, Snapshot, State, UnreadableJob, Visibility
from bot.jobs.waits import Wait, WaitReason
from bot.money import show
from bot.preferences.preference_records import Ping

BAR_CELLS = 10
SEEDS_SHOWN = 4
LINE_CHARACTERS = 120

LONG_S = 60
"""Cards of jobs that may take longer than this say that the member can leave, and how they will be notified."""

PRIVATE_LATE_S = 120
"""Cards of private jobs that usually take longer than this say how a late result arrives."""

READY_ICON, FAILED_ICON, CANCELLED_ICON = "✅", "❌", "⏹️"
"""The first characters of an ended job's card, by which `shown_end` recognizes it."""

ICONS = {
    Task.IMAGINE: "🖌️",
    Task.EDIT: "✏️",
    Task.ERASE: "🧽",
    Task.REMOVEBG: "✂️",
    Task.UPSCALE: "🔍",
    Task.VECTORIZE: "📐",
    Task.SVG: "📐",
    Task.VIDEO: "🎬",
    Task.MUSIC: "🎵",
    Task.LIPSYNC: "👄",
}
DOING = {
    Task.IMAGINE: "imagining",
    Task.EDIT: "editing",
    Task.ERASE: "erasing",
    Task.REMOVEBG: "removing-background",
    Task.UPSCALE: "upscaling",
    Task.VECTORIZE: "vectorizing",
    Task.SVG: "drawing-svg",
    Task.VIDEO: "rendering-video",
    Task.MUSIC: "making-music",
    Task.LIPSYNC: "syncing-lips",
}
STAGES = {
    State.ACCEPTED: "waiting",
    State.WAITING: "waiting",
    State.COLLECTING: "collecting",
    State.DELIVERING: "posting",
}


@dataclass(frozen=True, slots=True)
class _Now:
    """Discord's current time, and how far the provider's clock, by which runs are timed, is ahead of Discord's."""

    ms: int
    ahead_ms: int

    def here(self, provider_ms: int) -> int:
        """Convert a time by the provider's clock to Discord's time."""
        return provider_ms - self.ahead_ms


def card(snapshot: Snapshot, say: Speech, *, now_ms: int, ahead_ms: int = 0) -> Card:
    """Return a job's card. `now_ms` is Discord's time; `ahead_ms` is how far the provider's clock is ahead of it."""
    if snapshot.job.has_paid_results:
        return _result(snapshot, say)
    if snapshot.job.state in STAGES or snapshot.job.state is State.RUNNING:
        return _working(snapshot, say, _Now(now_ms, ahead_ms))
    return _ended(snapshot, say)


def shows(message: discord.Message, short_id: str) -> bool:
    """Return whether this message of Easel's is the card of that job: its footer has the job's id."""
    return any(short_id in (embed.footer.text or "") for embed in message.embeds)


def unreadable(job: UnreadableJob, say: Speech) -> Card:
    """Return the card of a job that was given up because its record cannot be read."""
    reason = wording.failure(InternalError(reference=job.id).failure, say, released_mcr=job.released_mcr)
    embed = discord.Embed(description=reason, colour=RED).set_footer(text=say("footer", id=job.short_id))
    return Card(f"{FAILED_ICON} **{say('failed')}** · <@{job.member}>", embed)


def label(job: Job) -> str:
    """Return the short name of a job's model."""
    return model_label(job.order.model)


def model_label(model: str) -> str:
    """Return the short name of a model, by its id."""
    return plain(model.rpartition("/")[2], LINE_CHARACTERS)


def _working(snapshot: Snapshot, say: Speech, now: _Now) -> Card:
    job = snapshot.job
    held = "at-most-held" if job.plan.quote.upper_bound else "held"
    head = f"{ICONS[job.order.task]} {say(_doing(job), model=f'**{label(job)}**')}"
    lines = (_subject(snapshot), _origin(snapshot, say), _status(snapshot, say, now), _late(snapshot, say))
    return Card(
        content=f"{head} · <@{job.member}> · {say(held, amount=show(job.held_mcr))}",
        embed=_embed(job, say, BLUE, lines),
        buttons=_buttons(snapshot, say),
    )


def _buttons(snapshot: Snapshot, say: Speech) -> tuple[CardButton, ...]:
    job = snapshot.job
    if not job.can_be_cancelled:
        return ()
    cancel = CardButton(Verb.CANCEL, job.id, say("cancel-button"))
    asks = job.visibility is Visibility.CHANNEL and _is_long(snapshot)
    return (cancel, CardButton(Verb.NOTIFY, job.id, say("notify-button"))) if asks else (cancel,)


def _is_long(snapshot: Snapshot) -> bool:
    """Return whether the job, including its wait in line, may take so long that its member stops watching."""
    return _most_s(snapshot) > LONG_S


def _most_s(snapshot: Snapshot) -> float:
    if _needs_approval(snapshot):
        return math.inf
    waits_s = snapshot.wait.high_s if snapshot.wait and snapshot.wait.high_s else 0
    return waits_s + (snapshot.usual.total.high_s if snapshot.usual else snapshot.job.plan.typical_s)


def _needs_approval(snapshot: Snapshot) -> bool:
    return snapshot.wait is not None and snapshot.wait.reason is WaitReason.APPROVAL


def _doing(job: Job) -> str:
    """Return the text key of the activity. With a prompt, `/erase` repaints the area instead of clearing it."""
    repaints = job.order.task is Task.ERASE and job.order.prompt
    return "repainting" if repaints else DOING[job.order.task]


def _status(snapshot: Snapshot, say: Speech, now: _Now) -> str:
    if snapshot.job.cancel_asked_ms is not None:
        return say("stopping")
    if snapshot.job.state in {State.COLLECTING, State.DELIVERING}:
        return _stage(snapshot, say)
    if snapshot.job.state in STAGES:
        if _needs_approval(snapshot):
            return say("queued-approval", until=wording.relative(snapshot.job.deadline_ms))
        lasts = usually(snapshot.usual, snapshot.job.plan.typical_s, say)
        told = (
            snapshot.wait is not None and snapshot.wait.high_s is not None and snapshot.wait.reason != WaitReason.TURN
        )
        return f"{_stage(snapshot, say)} · {say('after-turn', lasts=lasts) if told else lasts}"
    stage = _cold(snapshot, say) if _is_cold(snapshot, now) else _stage(snapshot, say)
    return " · ".join(part for part in (_bar(snapshot), stage, _when(snapshot, say, now)) if part)


def _stage(snapshot: Snapshot, say: Speech) -> str:
    if snapshot.job.state in STAGES:
        return _waits(snapshot.wait, say) if snapshot.wait else say(STAGES[snapshot.job.state])
    runs = snapshot.predictions
    if all(run.state is PredictionState.INTENDED for run in runs):
        return _waits(snapshot.wait or Wait(WaitReason.SERVICE), say)
    if len(runs) > 1:
        return say("some-ready", ready=sum(run.state is PredictionState.SUCCEEDED for run in runs), all=len(runs))
    step = _steps(snapshot)
    if step is not None:
        return say("step", step=step[0], steps=step[1])
    if not any(run.started_ms for run in runs):
        return say("starting")
    phase = next((f"phase-{run.phase}" for run in runs if run.phase), "running")
    return say(phase if say.has(phase) else "running")


def _waits(wait: Wait, say: Speech) -> str:
    """Return a text that says what the job is waiting for, its place in line, and when its turn should come."""
    if wait.reason is WaitReason.TURN:
        return say("about-to-start")
    place = say("place-in-line", position=wait.position)
    parts = [say(f"queued-{wait.reason}", place=place, most=wait.most) if wait.position else say("busy")]
    if wait.high_s is not None and wait.reason is WaitReason.SERVICE:
        parts.append(say("next-try", range=wording.span(wait.low_s or 0, wait.high_s, say)))
    elif wait.high_s is not None and wait.low_s:
        parts.append(say("turn", range=wording.span(wait.low_s, wait.high_s, say)))
    elif wait.high_s is not None:
        parts.append(say("turn-soon", duration=wording.duration(wait.high_s, say)))
    return " · ".join(parts)


def _steps(snapshot: Snapshot) -> tuple[int, int] | None:
    known = [(run.step, run.steps) for run in snapshot.predictions if run.step is not None and run.steps]
    if not known:
        return None
    return sum(step for step, _ in known), sum(steps for _, steps in known)


def _bar(snapshot: Snapshot) -> str:
    """Return a progress bar if the model reports real steps, otherwise nothing: progress is never invented."""
    steps = _steps(snapshot)
    if steps is None:
        return ""
    filled = min(BAR_CELLS, BAR_CELLS * steps[0] // steps[1])
    return "▓" * filled + "░" * (BAR_CELLS - filled)


def usually(usual: Usual | None, typical_s: float, say: Speech) -> str:
    """Return how long a job usually takes: the measured range, or a first estimate that is labelled as one."""
    return say("usually" if usual else "guessed", range=_range(usual, typical_s, say))


def _range(usual: Usual | None, typical_s: float, say: Speech) -> str:
    lasts = durations.expected(usual, typical_s)
    return wording.span(lasts.low_s, lasts.high_s, say)


def _when(snapshot: Snapshot, say: Speech, now: _Now) -> str:
    """Return when the job should be ready, in words that stay true until the card is drawn again.

    Discord's relative timestamps would keep counting: a second after the estimated time, they say "a second ago". A job
    is called late only if it takes longer than 9 out of 10 runs did.
    """
    usual, typical_s = snapshot.usual, snapshot.job.plan.typical_s
    range_ = _range(usual, typical_s, say)
    submitted = [run.submitted_ms for run in snapshot.predictions if run.submitted_ms]
    elapsed_ms = now.ms - now.here(min(submitted)) if submitted else 0
    match durations.timing(elapsed_ms / 1_000, usual, typical_s):
        case Timing.EARLY:
            return usually(usual, typical_s, say)
        case Timing.DUE:
            return say("due" if usual else "due-guess", range=range_)
        case Timing.LATE:
            # A running job last changed when it began to run.
            limit_s = (snapshot.job.deadline_ms - snapshot.job.updated_ms) / 1_000
            return say("overrun" if usual else "overrun-guess", range=range_, limit=wording.duration(limit_s, say))


def _is_cold(snapshot: Snapshot, now: _Now) -> bool:
    """Return whether a run has been starting for longer than a warm model needs."""
    usual = snapshot.usual
    waiting = [run.submitted_ms for run in snapshot.predictions if run.submitted_ms and not run.started_ms]
    return bool(waiting) and usual is not None and now.ms - now.here(min(waiting)) > usual.cold_after_s * 1_000


def _cold(snapshot: Snapshot, say: Speech) -> str:
    """Return the text for a cold start, with the duration of slow starts if one has been measured."""
    slowest_s = snapshot.usual.start.high_s if snapshot.usual else 0.0
    known = snapshot.usual is not None and slowest_s > snapshot.usual.cold_after_s
    return say("cold-start", duration=wording.duration(slowest_s, say)) if known else say("cold-start-unseen")


def _late(snapshot: Snapshot, say: Speech) -> str:
    """Return how the result reaches a member who has stopped watching; empty for quick jobs."""
    job = snapshot.job
    if snapshot.by_dm:
        return say("can-leave-dm")
    if job.visibility is Visibility.CHANNEL:
        return say("can-leave", ping=snapshot.ping) if _is_long(snapshot) and snapshot.ping is not Ping.NEVER else ""
    if _most_s(snapshot) < PRIVATE_LATE_S:
        return ""
    return say("dm-late" if job.visibility is Visibility.DM else "private-late", minutes=PROMISED_MINUTES)


def _result(snapshot: Snapshot, say: Speech) -> Card:
    job = snapshot.job
    facts = (
        f"{READY_ICON} **{say('ready')}**",
        f"<@{job.member}>",
        label(job),
        *_details(snapshot, say),
        price(snapshot, say),
    )
    return Card(
        content=" · ".join(facts),
        embed=_embed(job, say, GREEN, (_subject(snapshot), _origin(snapshot, say), _partly(snapshot, say))),
        files=tuple(CardFile(one, alt(snapshot, one, say)) for one in snapshot.artefacts[:MESSAGE_FILES]),
        mention=job.member,
    )


def price(snapshot: Snapshot, say: Speech, *, private: bool = False) -> str:
    """Return the price of a result, with the balance only if nobody but the job's member can read it."""
    amount = show(snapshot.job.captured_mcr)
    if not snapshot.job.payer:
        return say("price-of-pool", amount=amount)
    if private or snapshot.job.is_private:
        return say("price-and-balance", amount=amount, balance=show(snapshot.balance_mcr))
    return say("price", amount=amount)


def with_balance(text: str, snapshot: Snapshot, say: Speech) -> str:
    """Return a private text for a job's member, with their balance if they pay for it themselves."""
    job = snapshot.job
    return f"{text} {say('balance-left', balance=show(snapshot.balance_mcr))}" if job.payer == job.member else text


def _details(snapshot: Snapshot, say: Speech) -> list[str]:
    order = snapshot.job.order
    found = [seed for seed in snapshot.true_seeds if seed is not None]
    first = snapshot.artefacts[0] if snapshot.artefacts else None
    parts: list[str] = []
    if order.aspect:
        parts.append(plain(order.aspect, LINE_CHARACTERS))
    if first and first.duration_ms:
        parts.append(wording.duration(first.duration_ms / 1_000, say))
    if first and first.duration_ms and first.width and first.height:
        parts.append(f"{first.width}\u00d7{first.height}")
    if first and first.duration_ms:
        parts.append(wording.size(first.size))
    if order.background:
        parts.append(_background(order.background, say))
    if found:
        shown = ", ".join(str(seed) for seed in found[:SEEDS_SHOWN])
        parts.append(say("seed", count=len(found), seeds=shown))
    return parts


def _background(colour: str, say: Speech) -> str:
    name = colour if colour == TRANSPARENT else name_of(COLOUR, colour, say)
    return say("background", colour=plain(name, LINE_CHARACTERS))


def _partly(snapshot: Snapshot, say: Speech) -> str:
    good, wanted = len(snapshot.artefacts), snapshot.job.plan.outputs
    if good >= wanted:
        return ""
    filtered = any(run.failure and run.failure.key == "content-filtered" for run in snapshot.predictions)
    return "⚠️ " + say(
        "partly-filtered" if filtered else "partly-failed",
        good=good,
        all=wanted,
        missing=wanted - good,
        charged=show(snapshot.job.captured_mcr),
        quoted=show(snapshot.job.plan.quote.milli_credits),
    )


def _ended(snapshot: Snapshot, say: Speech) -> Card:
    job = snapshot.job
    stopped = job.state is State.CANCELLED
    word = f"{CANCELLED_ICON} **{say('cancelled')}**" if stopped else f"{FAILED_ICON} **{say('failed')}**"
    reason = wording.failure(_failure(job), say, released_mcr=job.held_mcr - job.captured_mcr)
    return Card(
        content=f"{word} · <@{job.member}> · {label(job)}",
        embed=_embed(job, say, GREY if stopped else RED, (_subject(snapshot), reason)),
        mention=None if job.cancelled_by_member else job.member,
    )


def _failure(job: Job) -> Failure:
    return job.failure or Failure("cancelled-by-member" if job.state is State.CANCELLED else "run-failed", {})


def subject(order: Order) -> str:
    """Return the subject of an order as a quotation: its prompt, the text to speak, or what to erase."""
    return quoted(" → ".join(filter(None, (order.prompt or order.text or order.what, order.prompt_end))))


def _subject(snapshot: Snapshot) -> str:
    """Return the subject of the job: its prompt, or its file unless that comes from the job that `_origin` mentions."""
    order = snapshot.job.order
    text = subject(order)
    if text:
        return text
    given = next((file for file in order.files if not (file.artefact and _is_derived(snapshot))), None)
    return f"📎 {plain(given.name, LINE_CHARACTERS)}" if given else ""


def _is_derived(snapshot: Snapshot) -> bool:
    """Return whether the job is based on an earlier one that still exists."""
    return snapshot.lineage is not None and snapshot.lineage.short_id is not None


def _origin(snapshot: Snapshot, say: Speech) -> str:
    """Return a line that mentions the job on which this one is based; empty if there is none."""
    lineage = snapshot.lineage
    if lineage is None or lineage.short_id is None:
        return ""
    return say(f"from-{lineage.parent.relation}", id=lineage.short_id)


def _embed(job: Job, say: Speech, colour: int, lines: tuple[str, ...]) -> discord.Embed:
    embed = discord.Embed(description="\n\n".join(line for line in lines if line), colour=colour)
    return embed.set_footer(text=say("footer", id=job.short_id))
