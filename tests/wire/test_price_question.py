import asyncio
from dataclasses import replace

import pytest

from bot.cli.sandbox_world import VIDEO_MODEL
from bot.interaction_token import LIFE_MS
from bot.jobs.records import State
from bot.jobs.store import pending_rows
from bot.money import milli
from bot.preferences.preference import Preference
from tests.wire.conftest import playing
from tests.wire.stage import buttons, is_ready, short_id, words

START = milli(100_000)
EXPENSIVE = "google/veo-2"
PRICE = milli(62_500)


@pytest.fixture
async def careful(tmp_path):
    """A guild that asks above 5,000 credits and allows an expensive video model, whose runs take minutes."""
    async with playing(tmp_path, speed=0.1) as stage:
        await stage.app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=milli(5_000))
        await stage.app.policy.allow(stage.world.guild, EXPENSIVE, by=1)
        yield stage


def labels(message):
    return [one["label"] for one in buttons(message)]


async def asked(stage, **options):
    answer = await stage.command("mira", "video", **({"prompt": "waves", "model": EXPENSIVE} | options))
    assert answer.private
    return await stage.seen(answer)


async def jobs_of(stage, name="mira"):
    return await stage.app.jobs.of_member(stage.world.guild, stage.world.members[name])


async def test_expensive_order_is_asked_about_privately_and_holds_nothing(careful):
    card = await asked(careful)
    assert "costs **62,500 credits** (you have 100,000)" in card["content"]
    assert "If it fails, you pay nothing" in card["content"]
    assert labels(card) == ["Start", "Cheaper: kling-v1.6-standard, 6,250 cr", "Cancel"]
    assert await careful.balance("mira") == (START, 0)
    assert await jobs_of(careful) == ()
    assert await careful.messages("kai") == []


async def test_start_creates_the_job_and_posts_a_public_card(careful):
    card = await asked(careful)
    await careful.press("mira", card, "Start")
    posted = await careful.until("kai", lambda messages: messages and messages[-1])
    assert "62,500 credits held" in posted["content"]
    assert await careful.balance("mira") == (START - PRICE, PRICE)
    (snapshot,) = await jobs_of(careful)
    await careful.submitted(snapshot.job.short_id)
    careful.run_to()
    await careful.until("kai", lambda messages: next(filter(is_ready, messages), None))
    assert await careful.balance("mira") == (START - PRICE, 0)
    own = await careful.until("mira", lambda messages: next((one for one in messages if one["id"] == card["id"]), None))
    assert short_id(posted) in own["content"]
    assert buttons(own) == []


async def test_question_of_a_private_order_becomes_its_card(careful):
    card = await asked(careful, visibility="private")
    answer = await careful.press("mira", card, "Start")
    assert answer.state == "acknowledged"
    (snapshot,) = await jobs_of(careful)
    await careful.submitted(snapshot.job.short_id)
    careful.run_to()
    await careful.until("mira", lambda messages: next((one for one in messages if is_ready(one)), None))
    assert await careful.messages("kai") == []


async def test_start_pressed_several_times_at_once_creates_one_job(careful):
    card = await asked(careful)
    await asyncio.gather(*(careful.press("mira", card, "Start") for _ in range(3)))
    assert len(await jobs_of(careful)) == 1
    assert await careful.balance("mira") == (START - PRICE, PRICE)
    assert len(await careful.until("kai", lambda messages: messages)) == 1


async def test_start_works_after_a_restart(careful):
    card = await asked(careful)
    await careful.restart_bot()
    await careful.press("mira", card, "Start")
    (snapshot,) = await jobs_of(careful)
    assert await careful.balance("mira") == (START - PRICE, PRICE)
    assert snapshot.job.order.model == EXPENSIVE


async def test_start_rejected_by_discord_releases_the_hold_and_a_second_press_says_so(careful):
    card = await asked(careful)
    await careful.fault("POST", "*/callback", status=404, body={"code": 10062, "message": "Unknown interaction"})
    await careful.begin_any("mira", "component", message_id=card["id"], custom_id=buttons(card)[0]["custom_id"])
    await careful.ended(await careful.only_job("mira"), State.FAILED)
    assert await careful.balance("mira") == (START, 0)
    await careful.press("mira", card, "Start")
    told = await careful.until(
        "mira", lambda messages: next((one for one in messages if one["id"] == card["id"]), None)
    )
    assert "Failed" in told["content"]
    assert len(await jobs_of(careful)) == 1


async def test_start_after_the_price_rose_asks_again_and_holds_nothing(careful, monkeypatch):
    card = await asked(careful)
    plan = careful.app.catalogue.plan

    def costlier(order, **more):
        made = plan(order, **more)
        return replace(made, quote=replace(made.quote, milli_credits=made.quote.milli_credits + 1_000))

    monkeypatch.setattr(careful.app.catalogue, "plan", costlier)
    await careful.press("mira", card, "Start")
    again = await careful.until(
        "mira", lambda messages: next((one for one in messages if "62,501" in words(one)), None)
    )
    assert (again["id"], await careful.balance("mira")) == (card["id"], (START, 0))
    assert await jobs_of(careful) == ()
    await careful.press("mira", again, "Start")
    assert await careful.balance("mira") == (START - PRICE - 1_000, PRICE + 1_000)


async def test_start_with_too_few_credits_holds_nothing_and_offers_a_cheaper_model(careful):
    card = await asked(careful)
    kept = milli(10_000)
    await careful.app.ledger.reclaim(
        careful.world.guild, careful.world.members["mira"], START - kept, key="t", actor=1, reason="", at_ms=1
    )
    await careful.press("mira", card, "Start")
    short = await careful.until(
        "mira", lambda messages: next((one for one in messages if "10,000" in words(one)), None)
    )
    assert labels(short) == ["Cheaper: kling-v1.6-standard, 6,250 cr", "Cancel"]
    assert await careful.balance("mira") == (kept, 0)
    assert await jobs_of(careful) == ()
    await careful.press("mira", short, labels(short)[0])
    assert await careful.balance("mira") == (kept - milli(6_250), milli(6_250))


async def test_start_is_refused_if_the_model_was_denied_meanwhile(careful):
    card = await asked(careful)
    await careful.app.policy.deny(careful.world.guild, EXPENSIVE, by=1)
    refused = await careful.press("mira", card, "Start")
    assert refused.private
    assert "not enabled" in await careful.text(refused)
    assert await careful.balance("mira") == (START, 0)
    assert await jobs_of(careful) == ()


async def test_cheaper_alternative_starts_the_order_with_that_model(careful):
    card = await asked(careful)
    await careful.press("mira", card, "Cheaper: kling-v1.6-standard, 6,250 cr")
    (snapshot,) = await jobs_of(careful)
    assert snapshot.job.order.model == VIDEO_MODEL
    assert snapshot.job.order.prompt == "waves"
    assert snapshot.job.held_mcr == milli(6_250)


async def test_cancel_discards_the_pending_order(careful):
    card = await asked(careful)
    await careful.press("mira", card, "Cancel")
    told = await careful.until(
        "mira", lambda messages: next((one for one in messages if "Not ordered" in one["content"]), None)
    )
    assert buttons(told) == []
    assert await jobs_of(careful) == ()
    assert await careful.balance("mira") == (START, 0)


async def test_price_question_expires_after_15_minutes(careful, monkeypatch):
    card = await asked(careful)
    found = await careful.app.database.read(
        lambda: pending_rows.get(int(buttons(card)[0]["custom_id"].split(":")[3]), 0)
    )
    late_ms = careful.app.clock.now_ms() + LIFE_MS + 1
    monkeypatch.setattr(careful.app.clock, "now_ms", lambda: late_ms)
    assert found.expires_ms < late_ms
    await careful.press("mira", card, "Start")
    monkeypatch.undo()
    assert await jobs_of(careful) == ()


async def test_members_own_threshold_overrides_the_guilds(careful):
    mira = careful.world.members["mira"]
    await careful.app.preferences.set(careful.world.guild, mira, Preference(confirm_above_mcr=milli(70_000)))
    answer = await careful.command("mira", "video", prompt="waves", model=EXPENSIVE)
    assert not answer.private
    (snapshot,) = await jobs_of(careful)
    assert snapshot.job.state in (State.ACCEPTED, State.WAITING, State.RUNNING)


async def test_too_few_credits_offer_affordable_alternatives(careful):
    await careful.app.ledger.reclaim(
        careful.world.guild, careful.world.members["mira"], milli(93_000), key="t", actor=1, reason="", at_ms=1
    )
    card = await asked(careful)
    assert "needs **62,500 credits**; you have **7,000**" in words(card)
    assert labels(card) == ["Cheaper: kling-v1.6-standard, 6,250 cr", "Cancel"]
    await careful.press("mira", card, "Cheaper: kling-v1.6-standard, 6,250 cr")
    (snapshot,) = await jobs_of(careful)
    assert snapshot.job.order.model == VIDEO_MODEL


async def now(stage, card, part):
    """Wait until the private card of the question says this."""
    return await stage.until(
        "mira",
        lambda messages: next((one for one in messages if one["id"] == card["id"] and part in words(one)), None),
    )


async def change_price(stage, usd):
    file = stage.folder / "prices.toml"
    file.write_text(f'[models."{EXPENSIVE}"]\nusd = "{usd}"\n')
    await stage.restart_bot(catalogue_file=file)


async def test_start_after_a_catalogue_price_increase_asks_again_and_holds_nothing(careful):
    card = await asked(careful)
    await change_price(careful, "0.60")
    await careful.press("mira", card, "Start")
    again = await now(careful, card, "The price has changed since you saw it.")
    assert "costs **75,000 credits** (you have 100,000)" in words(again)
    assert await careful.balance("mira") == (START, 0)
    assert await jobs_of(careful) == ()
    await careful.press("mira", again, "Start")
    (snapshot,) = await jobs_of(careful)
    assert snapshot.job.held_mcr == milli(75_000)
    assert await careful.balance("mira") == (START - milli(75_000), milli(75_000))


async def test_start_after_a_price_decrease_holds_the_lower_price(careful):
    card = await asked(careful)
    await change_price(careful, "0.40")
    await careful.press("mira", card, "Start")
    (snapshot,) = await jobs_of(careful)
    assert snapshot.job.held_mcr == milli(50_000)


async def test_start_after_credits_were_spent_elsewhere_holds_nothing(careful):
    card = await asked(careful)
    await careful.app.ledger.reclaim(
        careful.world.guild, careful.world.members["mira"], milli(93_000), key="t", actor=1, reason="", at_ms=1
    )
    await careful.press("mira", card, "Start")
    short = await now(careful, card, "needs **62,500 credits**; you have **7,000**")
    assert labels(short) == ["Cheaper: kling-v1.6-standard, 6,250 cr", "Cancel"]
    assert await careful.balance("mira") == (milli(7_000), 0)
    assert await jobs_of(careful) == ()
    assert await careful.creates() == []


async def test_no_alternative_is_offered_if_none_is_affordable(careful):
    await careful.app.ledger.reclaim(
        careful.world.guild, careful.world.members["mira"], milli(99_990), key="t", actor=1, reason="", at_ms=1
    )
    answer = await careful.command("mira", "imagine", prompt="a cat")
    card = await careful.seen(answer)
    assert "you have **10**" in card["content"]
    assert labels(card) == []
    assert await jobs_of(careful) == ()


async def test_forbidden_model_is_refused_without_a_price_question(careful):
    card = await asked(careful, model="google/veo-3")
    assert "not enabled" in words(card)
    assert buttons(card) == []
