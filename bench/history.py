"""Benchmark of lists of jobs: pages and suggestions for a member with very many finished jobs, compared to ten."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from statistics import median

from bench import samples
from bench.result import Result
from bench.scale import Scale
from bench.scene import Scene
from bot.catalogue import serial
from bot.clock import SystemClock
from bot.storage.sqlite.connection import connect_writer
from bot.storage.sqlite.schema import migrate

FEW = 10
PER_SECOND = 20
"""How often each request is made for each second of the scale."""

QUESTIONS: Mapping[str, tuple[str, str, dict[str, object]]] = {
    "/jobs": ("command", "jobs", {"options": {}}),
    "/history": ("command", "history", {"options": {}}),
    "/history search": ("command", "history", {"options": {"search": "lighthouse"}}),
    "suggested jobs": ("autocomplete", "recipe show", {"options": {"id": ""}, "focused": "id"}),
    "suggested results": ("autocomplete", "removebg", {"options": {"job": ""}, "focused": "job"}),
}

WARM = 2
"""How often each request is made before it is measured."""

_JOBS = """
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :jobs)
INSERT INTO job (id, short_id, guild, channel, member, payer, state, task, model, ordered, planned, held_mcr,
    captured_mcr, visibility, locale, guild_locale, interaction, application, token, token_created_ms, filesize_limit,
    created_ms, updated_ms, deadline_ms, notice)
SELECT printf('job%08d', n), printf('%08d', n), :guild, 1, :member, :member, 'done', 'imagine', :model, :ordered,
    :planned, 75000, 75000, 'channel', 'en-US', 'en-US', n, 1, x'', n, 10485760, :now - :jobs + n, :now - :jobs + n,
    :now, 'shown' FROM number
"""
_RUNS = """
INSERT INTO prediction (job, number, state, expected, provider_id, submitted_ms, created_ms)
SELECT id, 1, 'succeeded', 1, 'p-' || id, created_ms, created_ms FROM job
"""
_RESULTS = """
INSERT INTO artefact (job, number, prediction, path, name, media, size, sha256, width, height)
SELECT id, 1, 1, id || '.png', id || '.png', 'image/png', 100000, id, 1024, 1024 FROM job
"""


async def measured(many: Scene, few: Scene, scale: Scale) -> list[Result]:
    await _asked(many, few, WARM)
    times = max(2, round(scale.seconds * PER_SECOND))
    rounds = [await _asked(many, few, times) for _ in range(scale.repeats)]
    pairs = [(sum(ours for ours, _ in one.values()), sum(theirs for _, theirs in one.values())) for one in rounds]
    ratios = {name: median(one[name][0] / one[name][1] for one in rounds) for name in QUESTIONS}
    each = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    note = f"{each}: all of them in turn, with {scale.jobs:,} done jobs of one member, compared to {FEW}"
    return [Result.of("history_page", pairs, unit="ms", better="lower", note=note)]


async def _asked(many: Scene, few: Scene, times: int) -> dict[str, tuple[float, float]]:
    """Return each request's median time in milliseconds with a long and with a short history, measured alternately."""
    found: dict[str, tuple[float, float]] = {}
    for name, (kind, command, more) in QUESTIONS.items():
        took = [(await many.ask(kind, command, **more), await few.ask(kind, command, **more)) for _ in range(times)]
        ours, theirs = zip(*took, strict=True)
        found[name] = median(ours), median(theirs)
    return found


def fill(path: Path, jobs: int, guild: int, member: int) -> None:
    """Write a new database in which this member has a number of finished jobs."""
    path.touch(mode=0o600)
    migrate(path)
    sample, now_ms = samples.running(0, 0).job, SystemClock().now_ms()
    with closing(connect_writer(path)) as connection:
        connection.execute("BEGIN")
        given = {"jobs": jobs, "guild": guild, "member": member, "now": now_ms, "model": sample.order.model}
        documents = {"ordered": serial.dump_order(sample.order), "planned": serial.dump_plan(sample.plan)}
        connection.execute(_JOBS, given | documents)
        connection.execute(_RUNS)
        connection.execute(_RESULTS)
        connection.execute("COMMIT")
