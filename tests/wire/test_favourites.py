"""Tests of members' favourite results, and of results whose files have been deleted."""

from bot.clock import SystemClock
from bot.jobs.engine.retention import DAY_MS
from bot.money import milli
from tests.wire.components import button, choose, delete_record, modal, names, press
from tests.wire.stage import is_over, is_ready, short_id, text_of
from tests.wire.test_follow_ups import result


async def favourites(stage, user):
    return await stage.text(await stage.command(user, "history", favourites=True))


async def test_members_favourite_results_for_themselves_until_the_record_is_deleted(stage):
    message = await result(stage)
    first = await press(stage, "kai", message, "More")
    answer = await press(stage, "kai", message, "More")
    for menu in (first, answer):  # the second press marks it again
        await press(stage, "kai", await stage.message_of(menu), "☆ Favourite")
        await stage.message_of(menu, lambda one: "★ Favourite" in names(one))
    menu = await stage.message_of(answer)
    await stage.restart_bot()
    assert short_id(message) in await favourites(stage, "kai")
    assert "You have no matching favourites" in await favourites(stage, "mira")
    await press(stage, "kai", menu, "★ Favourite")
    menu = await stage.message_of(answer, lambda one: "☆ Favourite" in names(one))
    assert "You have no matching favourites" in await favourites(stage, "kai")
    await press(stage, "kai", menu, "☆ Favourite")
    assert short_id(message) in await favourites(stage, "kai")
    await delete_record(stage, short_id(message))
    assert "You have no matching favourites" in await favourites(stage, "kai")


async def test_buttons_of_a_result_without_files_say_so_and_cost_nothing(stage, monkeypatch):
    four = await result(stage, count=4)
    assert button(four, "Reroll")["label"] == "Reroll · new seed · 300 credits"
    one = await result(stage)
    cut_out = await stage.message_of(await press(stage, "kai", one, "Remove"), is_ready)
    spent = await stage.balance("mira"), await stage.balance("kai")
    await stage.app.stop()
    now_ms = SystemClock.now_ms
    monkeypatch.setattr("bot.clock.SystemClock.now_ms", lambda clock: now_ms(clock) + 31 * DAY_MS)
    stage.advance_discord(31 * DAY_MS / 1_000)
    await stage.start_bot()
    for message in (four, one, cut_out):
        await stage.job(short_id(message), lambda found: not found.artefacts)
    presses = [(one, "Upscale"), (one, "Edit"), (one, "Animate"), (one, "Remove"), (cut_out, "Upscale")]
    answers = [await press(stage, "kai", message, name) for message, name in presses]
    answers.append(await choose(stage, "kai", four, "Picture 2: upscale"))
    menu = await stage.message_of(await press(stage, "kai", one, "More"))
    answers += [await press(stage, "kai", menu, name) for name in ("Send to DM", "Send me the original")]
    for answer in answers:
        assert await stage.message_of(answer, lambda message: "were deleted after 30 days" in message["content"])
        assert await modal(stage, answer) is None
    assert (await stage.balance("mira"), await stage.balance("kai")) == spent
    again = await stage.message_of(await press(stage, "kai", one, "Reroll"), is_over)
    assert is_ready(again), text_of(again)
    assert (await stage.balance("kai"))[0] == spent[1][0] - milli(75)
