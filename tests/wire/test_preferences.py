import pytest

from bot.catalogue.order import Task
from bot.cli.sandbox_world import VIDEO_MODEL
from bot.money import milli
from tests.unit.jobs.fakes import picture
from tests.wire.components import press
from tests.wire.stage import is_ready, short_id, text_of

START = milli(100_000)
TURBO = "ideogram-ai/ideogram-v2-turbo"


async def private_text(stage, who, name, /, **options):
    answer = await stage.command(who, name, **options)
    assert answer.private
    return await stage.text(answer)


async def newest(stage):
    (snapshot, *_) = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"], limit=1)
    return snapshot.job


async def test_quote_shows_price_time_permission_and_balance_and_holds_nothing(stage):
    text = await private_text(stage, "mira", "quote", command="video", model=VIDEO_MODEL, seconds=5)
    assert "would cost **6,250 credits**. Nothing was ordered." in text
    assert "first estimate" in text
    assert "You can use it here" in text
    assert "You have 100,000 credits" in text
    assert await stage.balance("mira") == (START, 0)


async def test_quote_of_a_forbidden_model_says_so_and_offers_a_cheaper_one(stage):
    text = await private_text(stage, "mira", "quote", command="video", model="google/veo-3")
    assert "not enabled for you here" in text
    assert "This needs **150,000 credits**; you have **100,000**" in text
    assert "Cheaper: **kling-v1.6-standard**, 6,250 credits (5 s instead of 8 s, no sound, " in text


@pytest.mark.parametrize("task", Task)
async def test_every_ordering_command_can_be_quoted(stage, task):
    assert "would cost" in await private_text(stage, "mira", "quote", command=task.value)


async def test_quoted_price_equals_the_held_price(stage):
    text = await private_text(stage, "mira", "quote", command="imagine", count=3)
    await stage.message_of(await stage.command("mira", "imagine", prompt="cats", count=3), is_ready)
    assert "**225 credits**" in text
    assert await stage.balance("mira") == (START - milli(225), 0)


async def test_preferences_fill_in_options_that_the_command_omits(stage):
    text = await private_text(stage, "mira", "prefs", task="imagine", model=TURBO, aspect="16:9", visibility="private")
    assert f"Model for imagine: {TURBO.rpartition('/')[2]}" in text
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert answer.private
    await stage.message_of(answer)
    job = await newest(stage)
    assert (job.order.model, job.order.aspect) == (TURBO, "16:9")


async def test_explicit_option_overrides_the_preference(stage):
    await private_text(stage, "mira", "prefs", task="imagine", model=TURBO, aspect="16:9", visibility="private")
    answer = await stage.command(
        "mira", "imagine", prompt="a cat", model="black-forest-labs/flux-schnell", aspect="1:1", visibility="channel"
    )
    assert await stage.is_public(answer)
    job = await newest(stage)
    assert (job.order.model, job.order.aspect) == ("black-forest-labs/flux-schnell", "1:1")


async def test_preference_that_the_model_does_not_support_is_ignored(stage):
    assert "aspect must be one of" in await private_text(stage, "mira", "prefs", aspect="banana")
    await private_text(stage, "mira", "prefs", aspect="5:7")
    answer = await stage.command("mira", "imagine", prompt="a cat")
    await stage.message_of(answer, is_ready)
    assert (await newest(stage)).order.aspect is None


async def test_edit_keeps_its_pictures_aspect_despite_the_preference(stage):
    await private_text(stage, "mira", "prefs", aspect="16:9")
    answer = await stage.command("mira", "edit", instruction="make it night", files={"image": ("cat.png", picture())})
    await stage.message_of(answer)
    job = await newest(stage)
    assert (job.order.task, job.order.aspect) == (Task.EDIT, None)


@pytest.mark.parametrize("wrong", [{"task": "imagine"}, {"task": "video", "model": TURBO}, {"aspect": "banana"}])
async def test_refused_reset_forgets_nothing(stage, wrong):
    await private_text(stage, "mira", "prefs", task="imagine", model=TURBO, aspect="16:9", language="zh-CN")
    before = await stage.app.preferences.of(stage.world.guild, stage.world.members["mira"])
    await private_text(stage, "mira", "prefs", reset=True, **wrong)
    assert await stage.app.preferences.of(stage.world.guild, stage.world.members["mira"]) == before
    assert stage.app.preferences.language(stage.world.guild, stage.world.members["mira"]) == "zh-CN"


async def test_reset_with_new_values_keeps_only_those(stage):
    await private_text(stage, "mira", "prefs", task="imagine", model=TURBO, aspect="16:9", language="zh-CN")
    text = await private_text(stage, "mira", "prefs", reset=True, aspect="1:1")
    assert "1:1" in text
    found = await stage.app.preferences.of(stage.world.guild, stage.world.members["mira"])
    assert (found.aspect, found.models, found.language) == ("1:1", {}, None)
    assert stage.app.preferences.language(stage.world.guild, stage.world.members["mira"]) is None


async def test_preferences_are_personal_and_can_be_reset(stage):
    await private_text(stage, "mira", "prefs", visibility="private", confirm_above="10")
    assert "only you" not in await private_text(stage, "kai", "prefs")
    assert "more than 10 credits" in await private_text(stage, "mira", "prefs")
    after_reset = await private_text(stage, "mira", "prefs", reset=True)
    assert "each command's default" in after_reset
    assert "more than 10 credits" not in after_reset


async def test_preferred_model_applies_only_to_tasks_it_supports(stage):
    refused = await private_text(stage, "mira", "prefs", task="imagine", model=VIDEO_MODEL)
    assert "task is imagine, but this model does video" in refused
    assert "required too" in await private_text(stage, "mira", "prefs", task="imagine")


async def test_saved_style_is_applied_to_the_prompt(stage):
    saved = await private_text(stage, "mira", "style save", name="Noir Film", template="{prompt}, film noir, rain")
    assert saved.endswith("{prompt}, film noir, rain")
    (offered,) = await stage.choices("mira", "imagine", "preset", preset="noir", prompt="x")
    assert offered["value"] == "noir film"
    answer = await stage.command("mira", "imagine", prompt="a cat", preset="noir film")
    assert "> a cat, film noir, rain" in text_of(await stage.message_of(answer, is_ready))
    assert "noir film" in await private_text(stage, "mira", "style list")
    assert "No presets" in await private_text(stage, "kai", "style list")
    await private_text(stage, "mira", "style delete", name="noir film")
    refused = await private_text(stage, "mira", "imagine", prompt="a cat", preset="noir film")
    assert "I can't find preset noir film" in refused


async def test_server_style_needs_a_moderator_and_is_for_everyone(stage):
    refused = await private_text(stage, "kai", "style save", name="house", template="{prompt} at home", server=True)
    assert "Manage Messages" in refused
    await private_text(stage, "olga", "style save", name="house", template="{prompt} at home", server=True)
    assert "(server preset)" in await private_text(stage, "kai", "style list")
    await private_text(stage, "kai", "style save", name="ink", template="ink", model="sdxl", negative="blur")
    assert "ink · negative blur · model sdxl" in await private_text(stage, "kai", "style list")
    assert "Manage Messages" in await private_text(stage, "kai", "style delete", name="house", server=True)
    answer = await stage.command("kai", "imagine", prompt="a cat", preset="house")
    assert "> a cat at home" in text_of(await stage.message_of(answer, is_ready))


async def test_history_searches_only_the_members_own_prompts(stage):
    green = await stage.message_of(await stage.command("mira", "imagine", prompt="a green cat"), is_ready)
    await stage.message_of(await stage.command("mira", "imagine", prompt="a red dog"), is_ready)
    found = await private_text(stage, "mira", "history", search="CAT green")
    assert short_id(green) in found
    assert "red dog" not in found
    assert "red dog" in await private_text(stage, "mira", "history", kind="imagine")
    assert "You have no matching jobs" in await private_text(stage, "mira", "history", kind="video")
    assert "You have no matching jobs" in await private_text(stage, "kai", "history", search="cat")


async def test_recipe_run_ignores_current_preferences(stage):
    await private_text(stage, "mira", "style save", name="noir", template="{prompt}, film noir", negative="colour")
    await private_text(stage, "mira", "prefs", aspect="3:2", task="imagine", model="stability-ai/sdxl")
    made = await stage.message_of(
        await stage.command("mira", "imagine", prompt="a cat", preset="noir", seed=5), is_ready
    )
    await private_text(stage, "mira", "prefs", reset=True)
    await private_text(stage, "mira", "prefs", task="imagine", model=TURBO, aspect="1:1")
    await private_text(stage, "mira", "style delete", name="noir")
    await stage.message_of(await stage.command("mira", "recipe run", id=short_id(made)), is_ready)
    await stage.message_of(await press(stage, "mira", made, "Reroll"), is_ready)
    first, again, rerolled = [one["request"] for one in await stage.creates()]
    assert again == first
    assert rerolled == {**first, "input": {name: value for name, value in first["input"].items() if name != "seed"}}
