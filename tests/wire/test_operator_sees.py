"""Tests that the operator finds Easel's own faults, if members see them, in the log and at /readyz."""

import logging
import re
from collections.abc import Generator
from typing import Any

import pytest

from bot.errors import InternalError, KeyConflict, ProviderDown, SettingsError, StorageError
from tests.wire.stage import is_over, short_id, text_of

OWN = [
    StorageError(problem="the disk is full", fix="Make room"),
    KeyConflict(transfer_key="k"),
    ProviderDown(detail="no connection"),
    SettingsError(name="PROVIDER_URL", problem="is wrong", fix="Correct it"),
    InternalError(reference="E-OLD"),
    ValueError("a mistake"),
]


def failing(error):
    def operation() -> Generator[Any, Any, Any]:
        raise error
        yield

    async def run(_operation):
        return next(operation())

    return run


async def ready(stage, port):
    async with stage.http.get(f"http://127.0.0.1:{port}/readyz") as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("error", OWN, ids=lambda error: type(error).__name__)
async def test_refused_order_has_a_reference_that_is_in_the_log(stage, caplog, monkeypatch, error):
    monkeypatch.setattr(stage.app.jobs._intake, "accept", failing(error))
    answer = await stage.command("mira", "imagine", prompt="a lighthouse")
    (reference,) = re.findall(r"\bE-[0-9A-F]{6}\b", await stage.text(answer))
    (record,) = [one for one in caplog.records if reference in one.getMessage()]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[1] is error


async def test_readiness_notices_that_orders_fail_until_one_works(stage, unused_tcp_port, monkeypatch):
    await stage.restart_bot(http_port=unused_tcp_port)
    await stage.app.client.wait_until_ready()
    with monkeypatch.context() as broken:
        broken.setattr(stage.app.jobs._intake, "accept", failing(OWN[0]))
        await stage.text(await stage.command("mira", "imagine", prompt="a lighthouse"))
        status, body = await ready(stage, unused_tcp_port)
        assert (status, body["wrong"]) == (503, {"orders": "storage: the disk is full"})
    await stage.message_of(await stage.command("mira", "imagine", prompt="a lighthouse"))
    assert (await ready(stage, unused_tcp_port))[0] == 200


async def test_refused_key_is_in_the_log_with_the_jobs_id_and_reported_by_readiness(stage, unused_tcp_port, caplog):
    await stage.restart_bot(http_port=unused_tcp_port)
    await stage.app.client.wait_until_ready()
    fault = {"method": "POST", "path": "*predictions", "status": 401, "times": None}
    async with stage.http.post(f"{stage._provider}/_sandbox/faults", json=[fault]) as accepted:
        assert accepted.ok, await accepted.text()
    card = await stage.message_of(await stage.command("mira", "imagine", prompt="a lighthouse"), is_over)
    assert "paused by the bot's operator" in text_of(card)
    assert [one.getMessage() for one in caplog.records if short_id(card) in one.getMessage()]
    status, found = await ready(stage, unused_tcp_port)
    assert (status, list(found["wrong"])) == (503, ["orders"])
