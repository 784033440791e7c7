import asyncio
from dataclasses import replace

import pytest

from bot.cli.sandbox_world import VIDEO_MODEL
from bot.interaction_token import LIFE_MS
from bot.jobs.records import State
from bot.jobs.store import pending_rows
from bot.money import milli
from bot.preferences.preference_records import Preference
from tests.wire.conftest import running_stage
from tests.wire.stage import buttons, is_ready, short_id, text_of

START = milli(100_000)
GREEN = 3
EXPENSIVE = "google/veo-2"
PRICE = milli(62_500)


@pytest.fixture
async def stage(tmp_path):
    """Open a guild that asks above 5,000 credits and allows an expensive video model, whose runs take minutes."""
    async with running_stage(tmp_path, speed=0.1) as stage:
        await stage.app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=milli(5_000))
        await stage.app.policy.allow(stage.world.guild, EXPENSIVE, by=1)
        yield stage


def labels(message):
    return [one["label"] for one in buttons(message)]


async def order_video(stage, **options):
    answer = await stage.command("mira", "video", **({"prompt": "waves", "model": EXPENSIVE} | options))
    assert answer.private
    return await stage.message_of(answer)


async def jobs_of(stage, name="mira"):
    return await stage.app.jobs.of_member(stage.world.guild, stage.world.members[name])


async def test_expensive_order_leads_to_a_private_question_and_holds_nothing(stage):
    card = await order_video(stage)
    assert "costs **62,500 credits** (you have 100,000)" in card["content"]
    assert "If it fails, you pay nothing" in card["content"]
    assert labels(card) == ["Start", "Cheaper: kling-v1.6-standard, 6,250 cr", "Cancel"]
    assert [one["style"] for one in buttons(card)].count(GREEN) == 1
    assert await stage.balance("mira") == (START, 0)
    assert await jobs_of(stage) == ()
    assert await stage.messages("kai") == []


async def test_question_shows_everything_that_matters_and_what_the_cheaper_order_lacks(stage):
    card = await order_video(stage, prompt="waves **at** dusk", seconds=8, aspect="9:16")
    lines = card["content"].splitlines()
    assert lines[0] == "**veo-2** costs **100,000 credits** (you have 100,000)."
    assert lines[1:3] == ["8 s · 9:16 · no sound", r"> waves \*\*at\*\* dusk"]
    assert "Cheaper: **veo-2**, 75,000 credits (6 s instead of 8 s, \u221225%)" in lines
    assert "Cheaper: **kling-v1.6-standard**, 6,250 credits (5 s instead of 8 s, \u221293%)" in lines
    assert labels(card)[:2] == ["Start", "Cheaper: veo-2, 75,000 cr"]
    await stage.press("mira", card, "Cheaper: veo-2, 75,000 cr")
    (snapshot,) = await jobs_of(stage)
    assert (snapshot.job.order.seconds, snapshot.job.held_mcr) == (6, milli(75_000))


async def test_start_creates_the_job_and_posts_a_public_card(stage):
    card = await order_video(stage)
    await stage.press("mira", card, "Start")
    posted = await stage.until("kai", lambda messages: messages and messages[-1])
    assert "62,500 credits held" in posted["content"]
    assert await stage.balance("mira") == (START - PRICE, PRICE)
    (snapshot,) = await jobs_of(stage)
    await stage.until_submitted(snapshot.job.short_id)
    stage.advance_runs()
    await stage.until("kai", lambda messages: next(filter(is_ready, messages), None))
    assert await stage.balance("mira") == (START - PRICE, 0)
    own = await stage.until("mira", lambda messages: next((one for one in messages if one["id"] == card["id"]), None))
    assert short_id(posted) in own["content"]
    assert buttons(own) == []


async def test_question_of_a_private_order_becomes_its_card(stage):
    card = await order_video(stage, visibility="private")
    answer = await stage.press("mira", card, "Start")
    assert answer.state == "acknowledged"
    (snapshot,) = await jobs_of(stage)
    await stage.until_submitted(snapshot.job.short_id)
    stage.advance_runs()
    await stage.until("mira", lambda messages: next((one for one in messages if is_ready(one)), None))
    assert await stage.messages("kai") == []


async def test_start_pressed_several_times_at_once_creates_one_job(stage):
    card = await order_video(stage)
    await asyncio.gather(*(stage.press("mira", card, "Start") for _ in range(3)))
    assert len(await jobs_of(stage)) == 1
    assert await stage.balance("mira") == (START - PRICE, PRICE)
    assert len(await stage.until("kai", lambda messages: messages)) == 1


async def test_start_works_after_a_restart(stage):
    card = await order_video(stage)
    await stage.restart_bot()
    await stage.press("mira", card, "Start")
    (snapshot,) = await jobs_of(stage)
    assert await stage.balance("mira") == (START - PRICE, PRICE)
    assert snapshot.job.order.model == EXPENSIVE


async def test_start_rejected_by_discord_releases_the_hold_and_a_second_press_says_so(stage):
    card = await order_video(stage)
    await stage.fault("POST", "*/callback", status=404, body={"code": 10062, "message": "Unknown interaction"})
    await stage.begin_interaction("mira", "component", message_id=card["id"], custom_id=buttons(card)[0]["custom_id"])
    await stage.until_state(await stage.only_job("mira"), State.FAILED)
    assert await stage.balance("mira") == (START, 0)
    await stage.press("mira", card, "Start")
    edited = await stage.until(
        "mira", lambda messages: next((one for one in messages if one["id"] == card["id"]), None)
    )
    assert "Failed" in edited["content"]
    assert len(await jobs_of(stage)) == 1


async def test_start_after_the_price_rose_asks_again_and_holds_nothing(stage, monkeypatch):
    card = await order_video(stage)
    plan = stage.app.catalogue.plan

    def costlier(order, **more):
        made = plan(order, **more)
        return replace(made, quote=replace(made.quote, milli_credits=made.quote.milli_credits + 1_000))

    monkeypatch.setattr(stage.app.catalogue, "plan", costlier)
    await stage.press("mira", card, "Start")
    again = await stage.until(
        "mira", lambda messages: next((one for one in messages if "62,501" in text_of(one)), None)
    )
    assert (again["id"], await stage.balance("mira")) == (card["id"], (START, 0))
    assert await jobs_of(stage) == ()
    await stage.press("mira", again, "Start")
    assert await stage.balance("mira") == (START - PRICE - 1_000, PRICE + 1_000)


async def test_start_with_too_few_credits_holds_nothing_and_offers_a_cheaper_model(stage):
    card = await order_video(stage)
    remaining = milli(10_000)
    await stage.app.ledger.reclaim(
        stage.world.guild, stage.world.members["mira"], START - remaining, key="t", actor=1, reason="", at_ms=1
    )
    await stage.press("mira", card, "Start")
    short = await stage.until(
        "mira", lambda messages: next((one for one in messages if "10,000" in text_of(one)), None)
    )
    assert labels(short) == ["Cheaper: kling-v1.6-standard, 6,250 cr", "Cancel"]
    assert await stage.balance("mira") == (remaining, 0)
    assert await jobs_of(stage) == ()
    await stage.press("mira", short, labels(short)[0])
    assert await stage.balance("mira") == (remaining - milli(6_250), milli(6_250))


async def test_start_is_refused_if_the_model_has_been_denied(stage):
    card = await order_video(stage)
    await stage.app.policy.deny(stage.world.guild, EXPENSIVE, by=1)
    refused = await stage.press("mira", card, "Start")
    assert refused.private
    assert "not enabled" in await stage.text(refused)
    assert await stage.balance("mira") == (START, 0)
    assert await jobs_of(stage) == ()


async def test_cheaper_alternative_starts_the_order_with_that_model(stage):
    card = await order_video(stage)
    await stage.press("mira", card, "Cheaper: kling-v1.6-standard, 6,250 cr")
    (snapshot,) = await jobs_of(stage)
    assert snapshot.job.order.model == VIDEO_MODEL
    assert snapshot.job.order.prompt == "waves"
    assert snapshot.job.held_mcr == milli(6_250)


async def test_cancel_discards_the_pending_order(stage):
    card = await order_video(stage)
    await stage.press("mira", card, "Cancel")
    edited = await stage.until(
        "mira", lambda messages: next((one for one in messages if "Not ordered" in one["content"]), None)
    )
    assert buttons(edited) == []
    assert await jobs_of(stage) == ()
    assert await stage.balance("mira") == (START, 0)


async def test_price_question_expires_after_15_minutes(stage, monkeypatch):
    card = await order_video(stage)
    found = await stage.app.database.read(lambda: pending_rows.get(int(buttons(card)[0]["custom_id"].split(":")[3]), 0))
    late_ms = stage.app.clock.now_ms() + LIFE_MS + 1
    monkeypatch.setattr(stage.app.clock, "now_ms", lambda: late_ms)
    assert found.expires_ms < late_ms
    await stage.press("mira", card, "Start")
    monkeypatch.undo()
    assert await jobs_of(stage) == ()


async def test_members_own_threshold_overrides_the_guilds(stage):
    mira = stage.world.members["mira"]
    await stage.app.preferences.set(stage.world.guild, mira, Preference(confirm_above_mcr=milli(70_000)))
    answer = await stage.command("mira", "video", prompt="waves", model=EXPENSIVE)
    assert await stage.is_public(answer)
    (snapshot,) = await jobs_of(stage)
    assert snapshot.job.state in (State.ACCEPTED, State.WAITING, State.RUNNING)


async def test_member_with_too_few_credits_is_offered_affordable_alternatives(stage):
    await stage.app.ledger.reclaim(
        stage.world.guild, stage.world.members["mira"], milli(93_000), key="t", actor=1, reason="", at_ms=1
    )
    card = await order_video(stage)
    assert "needs **62,500 credits**; you have **7,000**" in text_of(card)
    assert labels(card) == ["Cheaper: kling-v1.6-standard, 6,250 cr", "Cancel"]
    await stage.press("mira", card, "Cheaper: kling-v1.6-standard, 6,250 cr")
    (snapshot,) = await jobs_of(stage)
    assert snapshot.job.order.model == VIDEO_MODEL


async def card_with_text(stage, card, part):
    """Wait until the private card contains this text, and return it."""
    return await stage.until(
        "mira",
        lambda messages: next((one for one in messages if one["id"] == card["id"] and part in text_of(one)), None),
    )


async def change_price(stage, usd):
    file = stage.folder / "prices.toml"
    file.write_text(f'[models."{EXPENSIVE}"]\nusd = "{usd}"\n')
    await stage.restart_bot(catalogue_file=file)


async def test_start_after_a_catalogue_price_increase_asks_again_and_holds_nothing(stage):
    card = await order_video(stage)
    await change_price(stage, "0.60")
    await stage.press("mira", card, "Start")
    again = await card_with_text(stage, card, "The price has changed since you saw it.")
    assert "costs **75,000 credits** (you have 100,000)" in text_of(again)
    assert await stage.balance("mira") == (START, 0)
    assert await jobs_of(stage) == ()
    await stage.press("mira", again, "Start")
    (snapshot,) = await jobs_of(stage)
    assert snapshot.job.held_mcr == milli(75_000)
    assert await stage.balance("mira") == (START - milli(75_000), milli(75_000))


async def test_start_after_a_price_decrease_holds_the_lower_price(stage):
    card = await order_video(stage)
    await change_price(stage, "0.40")
    await stage.press("mira", card, "Start")
    (snapshot,) = await jobs_of(stage)
    assert snapshot.job.held_mcr == milli(50_000)


async def test_start_after_credits_were_spent_elsewhere_holds_nothing(stage):
    card = await order_video(stage)
    await stage.app.ledger.reclaim(
        stage.world.guild, stage.world.members["mira"], milli(93_000), key="t", actor=1, reason="", at_ms=1
    )
    await stage.press("mira", card, "Start")
    short = await card_with_text(stage, card, "needs **62,500 credits**; you have **7,000**")
    assert labels(short) == ["Cheaper: kling-v1.6-standard, 6,250 cr", "Cancel"]
    assert await stage.balance("mira") == (milli(7_000), 0)
    assert await jobs_of(stage) == ()
    assert await stage.creates() == []


async def test_alternatives_are_omitted_if_none_is_affordable(stage):
    await stage.app.ledger.reclaim(
        stage.world.guild, stage.world.members["mira"], milli(99_990), key="t", actor=1, reason="", at_ms=1
    )
    answer = await stage.command("mira", "imagine", prompt="a cat")
    card = await stage.message_of(answer)
    assert "you have **10**" in card["content"]
    assert labels(card) == []
    assert await jobs_of(stage) == ()


async def test_forbidden_model_is_refused_without_a_price_question(stage):
    card = await order_video(stage, model="google/veo-3")
    assert "not enabled" in text_of(card)
    assert buttons(card) == []
