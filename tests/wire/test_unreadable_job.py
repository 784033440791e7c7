"""Tests that the card of a job whose record cannot be read says that it failed, once the bot has given it up."""

import pytest

from bot.jobs.money import transitions
from bot.storage.operation import Statement
from tests.wire.stage import buttons, is_over, text_of
from tests.wire.test_ladder import START, order


@pytest.mark.parametrize("failing", [False, True], ids=["at once", "after an outage"])
async def test_card_of_an_unreadable_job_does_not_promise_a_result_forever(slow_stage, failing):
    stage = slow_stage
    running = await order(stage)
    job = (await stage.app.jobs.find(stage.world.guild, running.name)).job.id
    if failing:
        await stage.fault("PATCH", "*/channels/*", times=2, status=503)

    def give_up():
        yield from transitions.give_up(job, job, stage.app.clock.now_ms())
        yield Statement("UPDATE job SET planned = $2 WHERE id = $1", job, '{"v":99}')

    await stage.app.database.run(give_up)
    card = await stage.message_of(running.answer, is_over)
    assert "**Failed**" in card["content"]
    assert job in text_of(card)
    assert running.name in text_of(card)
    assert "75 credits" in text_of(card)  # the credits are available again
    assert buttons(card) == []
    assert await stage.balance("mira") == (START, 0)
