"""Tests that only delivery changes the card of a job that has ended."""

from bot.jobs.records import State
from bot.storage.operation import Statement
from tests.wire.stage import buttons, is_ready
from tests.wire.test_ladder import assert_paid_once, order

CALL_S = 1_000.0
"""How long the request to cancel takes on the provider's clock, which only the test moves."""


async def test_slow_answer_to_a_cancel_request_leaves_a_finished_card_alone(slow_stage, monkeypatch):
    stage = slow_stage
    provider, reads = stage.app._core.provider, stage.gate()
    fetch = provider.fetch

    async def later(run):
        await reads.wait()
        return await fetch(run)

    monkeypatch.setattr(provider, "fetch", later)
    running = await order(stage)
    await stage.provider_fault("POST", "*/cancel", delay_s=CALL_S)
    # The run has ended, but Cancel is pressed before the bot has read that.
    stage.advance_runs()
    await stage.press("mira", running.card, "Cancel")
    await stage.until_faults_met(stage._provider)
    reads.set()
    await stage.until_state(running.name, State.DONE)
    await running.result()
    stage.advance_provider(CALL_S)
    await stage.writes.until(lambda: _cancel_sent(stage))
    for _ in range(3):  # a wrong edit would come before these answers
        await stage.command("mira", "balance")
    message = await running.result()
    assert is_ready(message)
    assert len(message["attachments"]) == 1
    assert buttons(message)
    await assert_paid_once(stage)


async def _cancel_sent(stage):
    def look():
        return (yield Statement("SELECT 1 FROM prediction WHERE cancel_sent = 1"))

    return await stage.app.database.read(look)
