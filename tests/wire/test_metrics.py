"""Tests of a running bot's metrics, and that the dashboard and the alerts query only existing metrics."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.jobs.records import State
from bot.ops.metrics import SAMPLE_S
from bot.storage.background import is_in_background
from tests.wire.database_calls import recording
from tests.wire.stage import is_over, is_ready, short_id

OPS = Path(__file__).parents[2] / "ops"
UNSHOWN: frozenset[str] = frozenset()
"""Easel's metrics that the dashboard leaves out on purpose."""

LABELS = {
    *("part", "role", "by", "model", "outcome", "reason", "way", "state", "kind", "status", "event", "server", "loop"),
    *("file", "folder", "le", "version", "python", "discord_py", "sqlite"),
}  # fmt: skip
"""The allowed labels. Their values all come from the code, the catalogue or the settings: no servers or people."""

MOST_STATEMENTS = 6
MOST_SERIES = 700


@pytest.fixture
async def scraped(stage, unused_tcp_port):
    """Return a function that reads all metrics of a bot that sells credits and copies its database."""
    settings = {
        "public_url": f"http://127.0.0.1:{unused_tcp_port}",
        "backup_every": 24,
        "backup_dir": stage.folder / "copies",
        "credit_skus": {1: 100},
    }
    await stage.restart_bot(http_port=unused_tcp_port, **settings)
    await stage.app.client.wait_until_ready()
    await stage.app._core.webhooks.offer.asked.wait()
    while stage.app.backups.age_s() is None:
        await stage.messages("mira")  # a request, during which the bot's other tasks can continue

    async def scrape():
        async with stage.http.get(f"http://127.0.0.1:{unused_tcp_port}/metrics") as response:
            return list(text_string_to_metric_families(await response.text()))

    return scrape


async def next_sample(stage):
    """Wait until the bot reads its database again during a scrape."""
    await stage.app.clock.sleep(SAMPLE_S)


async def test_metrics_of_a_running_bot_are_those_of_the_dashboard_and_the_alerts(scraped, stage):
    families = await scraped()
    _every_name_that_is_asked_for_exists(families)
    _every_metric_is_shown(families)
    _labels_are_few(families)
    before = values(families)
    made = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_ready)
    failed = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [fail]"), is_over)
    await stage.until_state(short_id(made), State.DONE)  # its result is counted only when Discord has answered
    await stage.until_state(short_id(failed), State.FAILED)
    await next_sample(stage)
    statements = _record_statements(stage)
    after = values(await scraped())
    _events_are_counted_once(before, after)
    assert 0 < len(statements) <= MOST_STATEMENTS, statements


def values(families):
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def _every_name_that_is_asked_for_exists(families):
    expressions = (OPS / "alerts.yaml").read_text(encoding="utf-8")
    for panel in json.loads((OPS / "grafana.json").read_text(encoding="utf-8"))["panels"]:
        expressions += "\n".join(target["expr"] for target in panel.get("targets", ()))
    asked = {*re.findall(r"\b(?:easel|process|python)_\w+", expressions)}
    assert asked
    assert asked <= {sample.name for family in families for sample in family.samples}


def _every_metric_is_shown(families):
    dashboard = (OPS / "grafana.json").read_text(encoding="utf-8")
    shown = {*re.findall(r"\beasel_\w+", dashboard)}
    own = [family for family in families if family.name.startswith("easel_") and family.name not in UNSHOWN]
    hidden = {family.name for family in own if not shown & {sample.name for sample in family.samples}}
    assert hidden == set()
    assert all(family.samples and family.documentation for family in own)


def _labels_are_few(families):
    own = [sample for family in families if family.name.startswith("easel_") for sample in family.samples]
    assert {name for sample in own for name in sample.labels} <= LABELS
    assert len(own) <= MOST_SERIES
    assert not [sample for sample in own if any(re.search(r"\d{15}", value) for value in sample.labels.values())]


def _events_are_counted_once(before, after):
    model = "black-forest-labs/flux-schnell"
    risen = {key: after[key] - before[key] for key in after if key[0].endswith(("_total", "_count"))}
    assert risen["easel_orders_total", model] == 2
    assert risen["easel_jobs_ended_total", model, "succeeded"] == 1
    assert risen["easel_jobs_ended_total", model, "failed"] == 1
    assert risen["easel_jobs_without_result_total", "model-failed"] == 1
    assert risen["easel_held_credits_total",] == 150
    assert risen["easel_captured_credits_total",] == risen["easel_released_credits_total",] == 75
    assert risen["easel_lost_credits_total", "failed"] == 75
    assert risen["easel_result_lag_seconds_count",] == risen["easel_results_shown_total", "token_edit"] == 1
    assert risen["easel_provider_requests_total", "creates"] == 2
    assert risen["easel_provider_answers_total", "2xx"] > 2
    assert risen["easel_discord_answers_total", "2xx"] > 2
    assert after["easel_jobs", "running"] == after["easel_oldest_job_age_seconds", "waiting"] == 0
    assert {key[1]: value for key, value in after.items() if key[0] == "easel_ready"} == dict.fromkeys(
        ("drain", "discord", "token", "database", "disk", "loops", "orders"), 1
    )
    assert after["easel_database_bytes", "main"] > 0
    assert 0 < after["easel_disk_free_bytes", "data"] < after["easel_disk_size_bytes", "data"]
    assert after["easel_discord_servers",] == 1
    assert (after["easel_processes", "all"], after["easel_on_duty",]) == (1, 1)
    assert after["easel_backup_age_seconds",] < after["easel_backup_interval_seconds",] == 24 * 3_600


def _record_statements(stage):
    """Return a list to which the SQL of each statement of the next scrape is added."""
    statements: list[str] = []
    database = stage.app.database
    for name in ("read", "run"):
        ask = getattr(database, name)

        async def asked(operation, ask=ask):
            if is_in_background():
                return await ask(operation)
            return await ask(lambda: recording(operation(), statements))

        setattr(database, name, asked)
    return statements
