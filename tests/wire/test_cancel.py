from bot.jobs.records import State
from bot.money import milli
from tests.wire.stage import buttons, is_over, is_ready, short_id, text_of

START = milli(100_000)


async def test_cancel_button_cancels_the_job_and_releases_its_hold(slow_stage):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat")
    card = await stage.until_running(answer)
    pressed = await stage.press("mira", card, "Cancel")
    assert pressed.private
    text = await stage.text(pressed)
    assert text.startswith(("I asked the service to stop", "Cancelled"))
    over = await stage.message_of(answer, is_over)
    assert "**Cancelled**" in over["content"]
    assert "75 credits released" in text_of(over)
    assert buttons(over) == []
    assert await stage.balance("mira") == (START, 0)


async def test_moderator_can_cancel_another_members_job_but_members_cannot(slow_stage):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat")
    card = await stage.until_running(answer)
    refused = await stage.press("kai", card, "Cancel")
    assert "only the member who ordered it or a moderator can" in await stage.text(refused)
    await stage.press("ada", card, "Cancel")
    assert "**Cancelled**" in (await stage.message_of(answer, is_over))["content"]


async def test_cancel_button_works_after_a_restart(slow_stage):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat")
    card = await stage.until_running(answer)
    await stage.restart_bot()
    pressed = await stage.press("mira", card, "Cancel")
    assert pressed.state == "acknowledged"
    assert "**Cancelled**" in (await stage.message_of(answer, is_over))["content"]


async def test_cancel_button_works_after_other_jobs_have_ended(slow_stage):
    stage = slow_stage
    old = await stage.command("mira", "imagine", prompt="the old one [never]")
    old_card = await stage.until_running(old)
    finished = await stage.command("kai", "imagine", prompt="one that finishes")
    await stage.until_running(finished)
    stage.advance_runs()
    assert is_ready(await stage.message_of(finished, is_over))
    stopped = await stage.command("kai", "imagine", prompt="one that is stopped [never]")
    await stage.press("kai", await stage.until_running(stopped), "Cancel")
    await stage.message_of(stopped, is_over)
    private = await stage.command("kai", "imagine", prompt="a private one [never]", visibility="private")
    await stage.press("kai", await stage.until_running(private), "Cancel")
    await stage.message_of(private, is_over)
    pressed = await stage.press("mira", old_card, "Cancel")
    assert pressed.state == "acknowledged"
    assert "**Cancelled**" in (await stage.message_of(old, is_over))["content"]


async def test_running_job_can_be_cancelled_from_the_job_list(slow_stage):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat")
    name = short_id(await stage.until_running(answer))
    listed = await stage.message_of(await stage.command("mira", "jobs"))
    await stage.press("mira", listed, "Cancel")
    await stage.until_state(name, State.CANCELLED)
    assert await stage.balance("mira") == (START, 0)


async def test_job_list_offers_no_cancel_button_for_a_cancelled_job(slow_stage):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat")
    card = await stage.until_running(answer)
    await stage.press("mira", card, "Cancel")
    await stage.message_of(answer, is_over)
    listed = await stage.message_of(await stage.command("mira", "jobs"))
    assert buttons(listed) == []
