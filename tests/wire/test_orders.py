import re

import pytest

from bot.jobs.records import State
from bot.money import milli
from tests.pixels import picture
from tests.wire.stage import buttons, is_over, is_ready, short_id, text_of

START = milli(100_000)


async def test_imagine_answers_with_a_card_that_becomes_the_result(stage):
    answer = await stage.command("mira", "imagine", prompt="a lighthouse in fog")
    assert answer.state == "acknowledged"
    assert await stage.is_public(answer)
    message = await stage.message_of(answer, is_ready)
    assert message["content"].endswith("75 credits")
    assert re.search(r"seed \d+", message["content"])
    assert "> a lighthouse in fog" in message["embeds"][0]["description"]
    (file,) = message["attachments"]
    assert file["description"] == "AI-generated: a lighthouse in fog (flux-schnell)"
    assert not any(one.get("label") == "Cancel" for one in buttons(message))
    assert await stage.balance("mira") == (START - milli(75), 0)
    assert len(await stage.messages_but_pings("kai")) == 1


async def test_four_pictures_come_in_one_message(stage):
    answer = await stage.command("mira", "imagine", prompt="four cats", count=4)
    message = await stage.message_of(answer, is_ready)
    assert len(message["attachments"]) == 4
    assert all(file["description"].startswith("AI-generated") for file in message["attachments"])
    assert await stage.balance("mira") == (START - 4 * milli(75), 0)


async def test_private_order_is_visible_only_to_its_member(stage):
    answer = await stage.command("mira", "imagine", prompt="a secret", visibility="private")
    assert answer.private
    await stage.message_of(answer, is_ready)
    assert await stage.messages("kai") == []


async def test_background_can_be_removed_from_a_file_or_a_result(stage):
    first = await stage.command("mira", "removebg", files={"image": ("cat.png", picture())})
    message = await stage.message_of(first, is_over)
    assert is_ready(message), text_of(message)
    second = await stage.command("mira", "removebg", job=short_id(message))
    assert is_ready(await stage.message_of(second, is_over))
    assert await stage.balance("mira") == (START - 2 * 13_750, 0)


async def test_another_members_private_result_cannot_be_used(stage):
    answer = await stage.command("mira", "imagine", prompt="a secret", visibility="private")
    message = await stage.message_of(answer, is_ready)
    refused = await stage.command("kai", "removebg", job=short_id(message))
    assert refused.private
    assert "I can't find job" in await stage.text(refused)


async def test_video_of_an_allowed_model_is_delivered(stage):
    answer = await stage.command("mira", "video", prompt="waves at night")
    message = await stage.message_of(answer, is_over)
    assert is_ready(message), text_of(message)
    (file,) = message["attachments"]
    assert file["content_type"] == "video/mp4"
    assert "video" not in message["embeds"][0]
    assert "image" not in message["embeds"][0]


async def test_failed_run_costs_nothing_and_says_so(stage):
    answer = await stage.command("mira", "imagine", prompt="a cat [fail]")
    message = await stage.message_of(answer, is_over)
    assert "**Failed**" in message["content"]
    assert "Nothing was charged; 75 credits released." in text_of(message)
    assert await stage.balance("mira") == (START, 0)


async def test_filtered_prompt_has_its_own_explanation(stage):
    answer = await stage.command("mira", "imagine", prompt="a cat [filter]")
    message = await stage.message_of(answer, is_over)
    assert "safety filter" in text_of(message)
    assert "retrying without a change rarely helps" in text_of(message)


@pytest.mark.parametrize(
    ("model", "prompt", "price"),
    [
        ("black-forest-labs/flux-schnell", "cats [half]", 75),
        ("black-forest-labs/flux-1.1-pro", "cats [partial]", 1_000),
    ],
    ids=["one run of four pictures", "four runs of one picture"],
)
async def test_card_of_partly_filtered_pictures_says_how_many_and_why(model, prompt, price, stage):
    answer = await stage.command("mira", "imagine", prompt=prompt, model=model, count=4)
    message = await stage.message_of(answer, is_over)
    assert "**Ready**" in message["content"]
    assert len(message["attachments"]) == 2
    charged = f"Charged {2 * price:,} of {4 * price:,} credits"
    assert f"2 of 4 pictures delivered; the model's filter blocked 2. {charged}" in text_of(message)
    assert await stage.balance("mira") == (START - 2 * milli(price), 0)
    snapshot = await stage.until_state(short_id(message), State.DONE)
    assert (len(snapshot.artefacts), snapshot.job.captured_mcr) == (2, 2 * milli(price))


async def test_only_delivered_pictures_are_charged(stage):
    answer = await stage.command("mira", "imagine", prompt="cats [partial]", count=4)
    message = await stage.message_of(answer, is_over)
    assert len(message["attachments"]) == 3
    assert "3 of 4 pictures delivered" in text_of(message)
    assert "Charged 225 of 300 credits" in text_of(message)
    assert await stage.balance("mira") == (START - 3 * milli(75), 0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"model": "google/veo-3"}, "not enabled for you here"),
        ({"model": "nobody/nothing"}, "There is no model called nobody/nothing"),
        ({"model": "black-forest-labs/flux-schnell", "aspect": "7:5"}, "aspect"),
        ({"model": "black-forest-labs/flux-schnell", "negative": "dogs"}, "negative"),
    ],
)
async def test_refusal_is_private_and_costs_nothing(stage, options, reason):
    name = "video" if "veo" in options.get("model", "") else "imagine"
    answer = await stage.command("mira", name, prompt="a cat", **options)
    assert answer.private
    text = await stage.text(answer)
    assert reason in text
    assert "Nothing was charged." in text
    assert await stage.messages("kai") == []
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []


async def test_refusal_for_lack_of_credits_shows_price_available_and_held(slow_stage):
    stage = slow_stage
    await stage.command("olga", "easel-admin credits revoke", user="mira", amount=99_900, reason="test")
    await stage.message_of(await stage.command("mira", "imagine", prompt="one"))
    refused = await stage.command("mira", "imagine", prompt="two")
    assert refused.private
    assert "needs **75 credits**; you have **25** (75 more held" in await stage.text(refused)


async def test_missing_attach_files_permission_is_refused_before_the_hold(stage):
    await stage.change_world(
        "set_permissions", channel=str(stage.world.channel), role="@everyone", deny=["ATTACH_FILES"]
    )
    refused = await stage.command("mira", "imagine", prompt="a cat")
    assert refused.private
    assert "I don't have the Attach Files permission" in await stage.text(refused)
    assert await stage.balance("mira") == (START, 0)


async def test_prompt_cannot_ping_format_or_link(stage):
    prompt = "@everyone <@{}> **bold** [x](https://evil.example) \u202e `code`".format(stage.world.members["kai"])
    answer = await stage.command("mira", "imagine", prompt=prompt)
    message = await stage.message_of(answer, is_ready)
    assert message["mention_everyone"] is False
    assert {one["id"] for one in message["mentions"]} <= {str(stage.world.members["mira"])}
    text = message["embeds"][0]["description"]
    assert "@everyone" not in text
    assert "https://" not in text
    assert r"\*\*bold\*\*" in text
    assert "\u202e" not in text_of(message)


async def test_card_rejected_by_discord_releases_the_hold_and_starts_no_run(stage):
    await stage.fault("POST", "*/callback", status=404, body={"code": 10062, "message": "Unknown interaction"})
    await stage.begin_interaction("mira", "command", name="imagine", options={"prompt": "a cat"})
    await stage.until_state(await stage.only_job("mira"), State.FAILED)
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []


async def test_job_continues_if_discords_response_to_its_card_was_lost(stage):
    await stage.fault("POST", "*/callback", drop="after")
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert is_ready(await stage.message_of(answer, is_over))
    assert len(await stage.predictions()) == 1


@pytest.fixture
def acceptance(stage, monkeypatch):
    """Return a gate that the acceptance of orders waits for."""
    accept, gate = stage.app.jobs.accept, stage.gate()

    async def slow(*args):
        await gate.wait()
        return await accept(*args)

    monkeypatch.setattr(stage.app.jobs, "accept", slow)
    return gate


async def test_slow_acceptance_is_deferred_privately_and_the_card_follows(stage, acceptance):
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert answer.private
    acceptance.set()
    line = await stage.message_of_id("mira", answer.message, lambda message: "Started" in message["content"])
    assert "is below" in line["content"]
    result = await stage.until("kai", lambda messages: next(filter(is_ready, messages), None))
    assert short_id(result) in line["content"]


async def test_slow_refusal_edits_the_private_deferral(stage, acceptance):
    answer = await stage.command("mira", "video", prompt="a cat", model="google/veo-3")
    acceptance.set()
    assert await stage.message_of(answer, lambda message: "not enabled" in message["content"])
    assert await stage.messages("kai") == []


async def delay_model_choice(stage, monkeypatch):
    """Delay the choice of a model, and thus the order, until the returned event is set."""
    usable, gate = stage.app.policy.usable, stage.gate()

    async def slow(asker, task=None):
        await gate.wait()
        return await usable(asker, task)

    monkeypatch.setattr(stage.app.policy, "usable", slow)
    return gate


async def test_order_that_is_built_slowly_is_deferred_privately_and_its_card_follows(stage, monkeypatch):
    gate = await delay_model_choice(stage, monkeypatch)
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert (answer.state, answer.private) == ("acknowledged", True)
    gate.set()
    line = await stage.message_of_id("mira", answer.message, lambda message: "Started" in message["content"])
    result = await stage.until("kai", lambda messages: next(filter(is_ready, messages), None))
    assert short_id(result) in line["content"]
    assert await stage.balance("mira") == (START - milli(75), 0)


async def test_order_that_fails_while_it_is_built_slowly_is_explained_in_the_deferral(stage, monkeypatch):
    find, gate = stage.app.jobs.find, stage.gate()

    async def slow(*args):
        await gate.wait()
        return await find(*args)

    monkeypatch.setattr(stage.app.jobs, "find", slow)
    answer = await stage.command("mira", "removebg", job="AAAA-AA")
    assert (answer.state, answer.private) == ("acknowledged", True)
    gate.set()
    assert await stage.message_of(answer, lambda message: "I can't find job" in message["content"])
    assert len(await stage.messages_but_pings("mira")) == 1
    assert await stage.messages("kai") == []


async def test_decision_during_the_deferral_waits_for_it_and_answers_once(stage, monkeypatch):
    gate = await delay_model_choice(stage, monkeypatch)
    await stage.fault("POST", "*/callback", delay_s=0.05)
    begun = await stage.begin_interaction("mira", "command", name="imagine", options={"prompt": "a cat"})
    while (await stage.post("/_sandbox/faults", []))["waiting"]:  # until the deferral has reached Discord
        pass
    gate.set()
    result = await stage.until("kai", lambda messages: next(filter(is_ready, messages), None))
    assert result
    callbacks = await stage.exchanges("POST", f"/interactions/{begun}/")
    assert [one["status"] for one in callbacks] in ([200], [204])


async def test_progress_shows_real_steps_and_ends_in_the_result(slow_stage):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat")
    await stage.until_running(answer)
    stage.advance_runs(0.5)
    message = await stage.message_of(answer, lambda message: "step" in text_of(message))
    assert re.search(r"[▓░]{10} · step \d/4", text_of(message))
    stage.advance_runs()
    assert is_ready(await stage.message_of(answer, is_over))


async def test_internal_error_is_reported_with_a_reference_to_the_log(stage, monkeypatch, caplog):
    async def broken(*_):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(stage.app.jobs, "accept", broken)
    answer = await stage.command("mira", "imagine", prompt="a cat")
    text = await stage.text(answer)
    reference = re.search(r"E-[0-9A-F]{6}", text)
    assert reference, text
    assert "secret detail" not in text
    assert reference[0] in caplog.text


async def test_only_allowed_models_are_offered_with_their_prices(stage):
    offered = await stage.choices("mira", "imagine", "model", model="schnell")
    assert offered[0]["value"] == "black-forest-labs/flux-schnell"
    assert "75 cr" in offered[0]["name"]
    videos = await stage.choices("mira", "video", "model", model="")
    assert [one["value"] for one in videos] == ["kwaivgi/kling-v1.6-standard"]


async def test_model_choice_shows_the_price_of_the_order_being_typed(stage):
    await stage.app.policy.allow(stage.world.guild, "google/veo-3", by=stage.world.operator)

    async def price(command, model, /, **typed):
        offered, *_ = await stage.choices("mira", command, "model", model=model, **typed)
        return offered["name"].split(" · ")[1]

    assert await price("imagine", "flux-schnell", count=4) == "300 cr"
    assert await price("video", "veo-3") == "150,000 cr"  # the default length is 8 seconds
    assert await price("video", "veo-3", seconds=8) == "150,000 cr"
    assert await price("video", "veo-3", seconds=4) == "75,000 cr"
    assert await price("video", "veo-3", seconds=5) == "from 75,000 cr"  # not a supported length
    assert await price("quote", "veo-3") == "from 75,000 cr"
    assert await price("quote", "veo-3", command="video") == "150,000 cr"
    quoted = await stage.text(await stage.command("mira", "quote", command="video", model="google/veo-3"))
    assert "150,000" in quoted


async def test_only_supported_lengths_are_offered_with_their_prices(stage):
    offered = await stage.choices("mira", "video", "seconds", model="kwaivgi/kling-v1.6-standard", seconds="")
    assert [one["value"] for one in offered] == [5, 10]
    assert [one["name"] for one in offered] == ["5 seconds · 6,250 cr", "10 seconds · 12,500 cr"]
    only_pictures = await stage.choices("mira", "video", "seconds", model="kwaivgi/kling-v1.6-pro", seconds="1")
    assert [one["name"] for one in only_pictures] == ["10 seconds · 23,750 cr"]


async def test_own_results_are_offered_as_inputs(stage):
    answer = await stage.command("mira", "imagine", prompt="a green cat")
    message = await stage.message_of(answer, is_ready)
    await stage.until_state(short_id(message), State.DONE)
    offered = await stage.choices("mira", "removebg", "job", job="green")
    assert [one["value"] for one in offered] == [short_id(message)]
    assert await stage.choices("kai", "removebg", "job", job="") == []
