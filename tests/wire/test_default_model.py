"""Tests of which model is used for an order that names none if the member's usual model is disabled."""

import pytest

from bot.catalogue.order import Task
from bot.cli import sandbox_world
from bot.money import milli
from bot.preferences.preference_records import Preference, Preset
from bot.storage.operation import Statement
from tests.wire.components import names, press
from tests.wire.stage import is_over, is_ready, text_of
from tests.wire.test_follow_ups import START, jobs, result

SCHNELL, SD, SDXL = "black-forest-labs/flux-schnell", "stability-ai/stable-diffusion", "stability-ai/sdxl"
CUT_OUT = "lucataco/remove-bg"


async def deny(stage, *models):
    for model in models:
        await stage.app.policy.deny(stage.world.guild, model, 1)


async def model_of_newest(stage):
    return (await jobs(stage))[0].job.order.model


async def asked_about(stage, answer):
    """Return the question about an order that has not been started yet."""
    question = await stage.message_of(answer)
    assert answer.private
    assert names(question)[0] == "Start"
    return question


async def test_cheapest_model_is_used_at_once_if_its_price_is_close_to_the_last_one(stage):
    await result(stage)
    await deny(stage, SCHNELL)
    await result(stage, count=2)
    assert await model_of_newest(stage) == SD
    assert await stage.balance("mira") == (START - milli(75 + 2 * 85), 0)


async def test_price_much_higher_than_the_last_one_needs_confirmation(stage):
    await result(stage, count=2)
    await deny(stage, SCHNELL, SD)
    answer = await stage.command("mira", "imagine", prompt="a lighthouse in fog")
    question = await asked_about(stage, answer)
    assert "**flux-schnell-lora** costs **150 credits**" in text_of(question)
    assert "You last paid 75 credits for each result." in text_of(question)
    assert await stage.balance("mira") == (START - milli(150), 0)
    await press(stage, "mira", question, "Start")
    await stage.until("mira", lambda seen: len([one for one in seen if is_ready(one)]) == 2)
    await result(stage)  # the last price is now the price of the same model
    assert await stage.balance("mira") == (START - 3 * milli(150), 0)


async def test_last_job_that_cannot_be_read_does_not_prevent_an_order(stage):
    await result(stage)
    await deny(stage, SCHNELL, SD)

    def damage():
        yield Statement("UPDATE job SET planned = $1", '{"v":99}')

    await stage.app.database.run(damage)
    card = await stage.message_of(await stage.command("mira", "imagine", prompt="a lighthouse in fog"), is_ready)
    assert "flux-schnell-lora" in text_of(card)
    assert await stage.balance("mira") == (START - milli(75 + 150), 0)


async def test_price_much_lower_than_the_last_one_also_needs_confirmation(stage):
    await result(stage, model="black-forest-labs/flux-dev")
    await deny(stage, SCHNELL)
    question = await asked_about(stage, await stage.command("mira", "imagine", prompt="a lighthouse in fog"))
    assert "You last paid 625 credits for each result." in text_of(question)


@pytest.mark.parametrize("count", [1, 3])
async def test_member_without_an_earlier_result_is_not_asked(stage, count):
    await stage.message_of(await stage.command("mira", "removebg", job=await short(stage)), is_ready)
    await deny(stage, SCHNELL, SD)
    await result(stage, "kai", count=count)
    assert await stage.balance("kai") == (START - count * milli(150), 0)


async def short(stage):
    await result(stage)
    return (await jobs(stage))[0].job.short_id


async def test_command_without_a_model_option_also_asks(stage):
    job = await short(stage)
    await stage.message_of(await stage.command("mira", "removebg", job=job), is_ready)
    await deny(stage, CUT_OUT)
    question = await asked_about(stage, await stage.command("mira", "removebg", job=job))
    assert "**recraft-remove-background** costs **250 credits**" in text_of(question)


async def test_named_model_needs_no_confirmation(stage):
    await result(stage)
    await deny(stage, SCHNELL, SD)
    await result(stage, model=SDXL)
    guild, mira = stage.world.guild, stage.world.members["mira"]
    await stage.app.preferences.save(guild, mira, Preset("big", "{prompt}", None, "google/imagen-4", False), by=mira)
    await result(stage, preset="big")
    assert await stage.balance("mira") == (START - milli(75) - 157_500 - milli(1_000), 0)


async def test_preferred_model_that_is_off_counts_as_the_usual_one(stage):
    guild, mira = stage.world.guild, stage.world.members["mira"]
    await stage.app.preferences.set(guild, mira, Preference(models={Task.IMAGINE: SDXL}))
    await result(stage)
    assert await model_of_newest(stage) == SDXL
    await deny(stage, SDXL)
    question = await asked_about(stage, await stage.command("mira", "imagine", prompt="a lighthouse in fog"))
    assert "You last paid 157.5 credits for each result." in text_of(question)


async def test_usual_model_that_is_on_never_needs_confirmation(stage):
    await result(stage, model="google/imagen-4")
    await result(stage)
    assert await model_of_newest(stage) == SCHNELL


async def test_first_video_of_the_sandbox_needs_confirmation(stage):
    await stage.app.preferences.reset_guild(stage.world.guild, by=1)
    await sandbox_world.set_up_guild(stage.app, stage.world)
    question = await asked_about(stage, await stage.command("mira", "video", prompt="waves"))
    assert "**kling-v1.6-standard** costs **6,250 credits**" in text_of(question)
    answer = await stage.command("mira", "imagine", prompt="a lighthouse in fog")
    assert is_ready(await stage.message_of(answer, is_over))
