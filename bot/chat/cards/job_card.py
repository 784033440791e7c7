"""What a job looks like at one moment: pure, from a snapshot to a card.

Classic messages (content, one embed, files, buttons): everything works on every client, and a video plays only when it
is attached unreferenced. Colour, icon and word say the same thing, so that nobody depends on one of them.
"""

from dataclasses import dataclass

import discord

from bot.catalogue.order import Task
from bot.chat.cards.alt_text import alt
from bot.chat.cards.card import BLUE, GREEN, GREY, RED, Card, CardButton, CardFile, Verb
from bot.chat.discord_limits import MESSAGE_FILES
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain, quoted
from bot.chat.texts.loader import Speech
from bot.errors import Failure
from bot.interaction_token import PROMISED_MINUTES
from bot.jobs.durations import Usual
from bot.jobs.records import Job, PredictionState, Snapshot, State, Visibility
from bot.money import show
from bot.preferences.preference import Ping

BAR_CELLS = 10
SEEDS_SHOWN = 4
LINE_CHARACTERS = 120

SLOW_AFTER_S = 30
"""A run is called slow when it is later than usual by this and by its usual time: a model that slept wakes slowly."""

LONG_S = 60
"""Whoever waits longer is told what they may do meanwhile, and how they hear of the end."""

PRIVATE_LATE_S = 120
"""A private job that usually takes longer than this says at the start how a late result arrives."""

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
    """Discord's time, by which the clocks on a card tick, and how far the provider's, that of runs, is ahead of it."""

    ms: int
    ahead_ms: int

    def here(self, provider_ms: int) -> int:
        """A moment of the provider's on Discord's clock."""
        return provider_ms - self.ahead_ms


def card(snapshot: Snapshot, say: Speech, *, now_ms: int, ahead_ms: int = 0) -> Card:
    """Show a job as it stands. `now_ms` is Discord's time, `ahead_ms` how far the provider's is ahead of that."""
    if snapshot.job.has_paid_results:
        return _result(snapshot, say)
    if snapshot.job.state in STAGES or snapshot.job.state is State.RUNNING:
        return _working(snapshot, say, _Now(now_ms, ahead_ms))
    return _ended(snapshot, say)


def label(job: Job) -> str:
    """The short name of a job's model."""
    return plain(job.order.model.rpartition("/")[2], LINE_CHARACTERS)


def _working(snapshot: Snapshot, say: Speech, now: _Now) -> Card:
    job = snapshot.job
    held = "at-most-held" if job.plan.quote.upper_bound else "held"
    head = f"{ICONS[job.order.task]} {say(_doing(job), model=f'**{label(job)}**')}"
    lines = (_subject(job), _origin(snapshot, say), _status(snapshot, say, now), _late(snapshot, say))
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
    """Whether it may well take so long that its member goes elsewhere."""
    return (snapshot.usual.total.high_s if snapshot.usual else snapshot.job.plan.typical_s) > LONG_S


def _doing(job: Job) -> str:
    """A mask is painted over with words; things that are named are erased."""
    repaints = job.order.task is Task.ERASE and job.order.prompt
    return "repainting" if repaints else DOING[job.order.task]


def _status(snapshot: Snapshot, say: Speech, now: _Now) -> str:
    if snapshot.job.cancel_asked_ms is not None:
        return say("stopping")
    if snapshot.job.state in STAGES:
        return f"{_stage(snapshot, say)} · {usually(snapshot.usual, snapshot.job.plan.typical_s, say)}"
    stage = _cold(snapshot, say) if _is_cold(snapshot, now) else _stage(snapshot, say)
    return " · ".join(part for part in (_bar(snapshot), stage, _when(snapshot, say, now)) if part)


def _stage(snapshot: Snapshot, say: Speech) -> str:
    if snapshot.job.state in STAGES:
        if snapshot.job.state is State.WAITING and snapshot.queue_position:
            return say("queued", position=snapshot.queue_position, all=max(snapshot.queued, snapshot.queue_position))
        return say(STAGES[snapshot.job.state])
    runs = snapshot.predictions
    if all(run.state is PredictionState.INTENDED for run in runs):
        return say("busy")
    if len(runs) > 1:
        return say("some-ready", ready=sum(run.completed_ms is not None for run in runs), all=len(runs))
    step = _steps(snapshot)
    if step is not None:
        return say("step", step=step[0], steps=step[1])
    return say("running" if any(run.started_ms for run in runs) else "starting")


def _steps(snapshot: Snapshot) -> tuple[int, int] | None:
    known = [(run.step, run.steps) for run in snapshot.predictions if run.step is not None and run.steps]
    if not known:
        return None
    return sum(step for step, _ in known), sum(steps for _, steps in known)


def _bar(snapshot: Snapshot) -> str:
    """A bar only where the model prints real steps: no progress is ever made up."""
    steps = _steps(snapshot)
    if steps is None:
        return ""
    filled = min(BAR_CELLS, BAR_CELLS * steps[0] // steps[1])
    return "▓" * filled + "░" * (BAR_CELLS - filled)


def usually(usual: Usual | None, typical_s: float, say: Speech) -> str:
    """How long it takes: the range that was learned, or the catalogue's guess, called so."""
    if usual is None:
        return say("guessed", duration=wording.duration(typical_s, say))
    return say("usually", range=wording.span(usual.total.low_s, usual.total.high_s, say))


def _when(snapshot: Snapshot, say: Speech, now: _Now) -> str:
    """When it should be ready, as a clock that ticks without edits; late only once it is later than 9 of 10."""
    usual, typical_s = snapshot.usual, snapshot.job.plan.typical_s
    submitted = [run.submitted_ms for run in snapshot.predictions if run.submitted_ms]
    if not submitted:
        return usually(usual, typical_s, say)
    last_s = usual.total.high_s if usual else typical_s
    by_ms = now.here(min(submitted)) + round(last_s * 1_000)
    if usual is None and by_ms <= now.ms < by_ms + max(last_s, SLOW_AFTER_S) * 1_000:
        return ""
    if by_ms <= now.ms:
        until = wording.relative(now.here(snapshot.job.deadline_ms))
        return say("overrun" if usual else "overrun-guess", when=until)
    when = wording.relative(by_ms)
    if usual is None:
        return say("expected-guess", when=when)
    return say("expected", range=wording.span(usual.total.low_s, last_s, say), when=when)


def _is_cold(snapshot: Snapshot, now: _Now) -> bool:
    """Whether it has been starting for longer than a warm model takes."""
    usual = snapshot.usual
    waiting = [run.submitted_ms for run in snapshot.predictions if run.submitted_ms and not run.started_ms]
    return bool(waiting) and usual is not None and now.ms - now.here(min(waiting)) > usual.cold_after_s * 1_000


def _cold(snapshot: Snapshot, say: Speech) -> str:
    """A cold start by name, and how much it adds: what the slow ones of the known starts took."""
    slowest_s = snapshot.usual.start.high_s if snapshot.usual else 0.0
    known = snapshot.usual is not None and slowest_s > snapshot.usual.cold_after_s
    return say("cold-start", duration=wording.duration(slowest_s, say)) if known else say("cold-start-unseen")


def _late(snapshot: Snapshot, say: Speech) -> str:
    """How the end arrives where its member may have gone elsewhere."""
    job = snapshot.job
    if job.visibility is Visibility.CHANNEL:
        return say("can-leave", ping=snapshot.ping) if _is_long(snapshot) and snapshot.ping is not Ping.NEVER else ""
    if job.plan.typical_s < PRIVATE_LATE_S:
        return ""
    return say("dm-late" if job.visibility is Visibility.DM else "private-late", minutes=PROMISED_MINUTES)


def _result(snapshot: Snapshot, say: Speech) -> Card:
    job = snapshot.job
    facts = (
        f"✅ **{say('ready')}**",
        f"<@{job.member}>",
        label(job),
        *_details(snapshot, say),
        say("price", amount=show(job.captured_mcr), balance=show(snapshot.balance_mcr)),
    )
    return Card(
        content=" · ".join(facts),
        embed=_embed(job, say, GREEN, (_subject(job), _origin(snapshot, say), _partly(snapshot, say))),
        files=tuple(CardFile(one, alt(snapshot, one, say)) for one in snapshot.artefacts[:MESSAGE_FILES]),
        mention=job.member,
    )


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
        parts.append(say("background", colour=plain(order.background, LINE_CHARACTERS)))
    if found:
        shown = ", ".join(str(seed) for seed in found[:SEEDS_SHOWN])
        parts.append(say("seed", count=len(found), seeds=shown))
    return parts


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
    word = f"⏹️ **{say('cancelled')}**" if stopped else f"❌ **{say('failed')}**"
    told = wording.failure(_failure(job), say, released_mcr=job.held_mcr - job.captured_mcr)
    return Card(
        content=f"{word} · <@{job.member}> · {label(job)}",
        embed=_embed(job, say, GREY if stopped else RED, (_subject(job), told)),
        mention=job.member,
    )


def _failure(job: Job) -> Failure:
    return job.failure or Failure("cancelled-by-member" if job.state is State.CANCELLED else "run-failed", {})


def _subject(job: Job) -> str:
    """What the job is about: its prompt, or the file that a member gave it. A result of ours is named by its job."""
    text = " → ".join(filter(None, (job.order.prompt or job.order.text or job.order.what, job.order.prompt_end)))
    if text:
        return quoted(text)
    given = next((file for file in job.order.files if not file.artefact), None)
    return f"📎 {plain(given.name, LINE_CHARACTERS)}" if given else ""


def _origin(snapshot: Snapshot, say: Speech) -> str:
    """Which job this one was made from."""
    lineage = snapshot.lineage
    if lineage is None or lineage.short_id is None:
        return ""
    return say(f"from-{lineage.parent.relation}", id=lineage.short_id)


def _embed(job: Job, say: Speech, colour: int, lines: tuple[str, ...]) -> discord.Embed:
    embed = discord.Embed(description="\n\n".join(line for line in lines if line), colour=colour)
    return embed.set_footer(text=say("footer", id=job.short_id))
