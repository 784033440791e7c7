"""When it is not clear what people have seen, or what is left to be shown: told plainly, paid once."""

from bot.errors import TooLate
from bot.jobs.records import State
from bot.money import milli
from tests.wire.stage import is_ready, short_id, words
from tests.wire.test_ladder import EXPIRED_S, START, cards, offered, order, paid_once


async def with_a_lost_answer(stage, *, deleted=False, **options):
    """An order whose card Discord took without our hearing of it, and a bot that starts when its token is dead."""
    await stage.fault("POST", "*/callback", drop="after", times=1)
    await stage.fault("PATCH", "*/messages/@original", times=None, status=503, body={"message": "down"})
    answer = await stage.command("mira", "imagine", prompt="a cat", **options)
    await stage.app.stop()
    if deleted:
        await stage.happen("delete_message", channel=str(stage.world.channel), message=answer.message)
    stage.age(EXPIRED_S)
    async with stage.http.delete(stage.world.discord_url + "/_sandbox/faults") as response:
        assert response.ok
    await stage.start_bot()
    return answer


async def only_job(stage):
    (snapshot,) = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"])
    return snapshot


async def test_job_continues_if_its_card_is_found_in_the_channel_after_the_token_expired(slow_stage):
    stage = slow_stage
    answer = await with_a_lost_answer(stage)
    name = (await only_job(stage)).job.short_id
    await stage.submitted(name)
    stage.run_to()
    await stage.ended(name, State.DONE)
    assert is_ready(await stage.seen(answer))
    assert await cards(stage) == [answer.message]
    await paid_once(stage)


async def test_job_whose_card_is_missing_releases_its_hold_and_starts_no_run(slow_stage):
    stage = slow_stage
    answer = await with_a_lost_answer(stage, deleted=True)
    snapshot = await only_job(stage)
    await stage.ended(snapshot.job.short_id, State.FAILED)
    assert answer.message
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []
    assert await stage.messages("kai") == []


async def test_private_job_with_an_unconfirmed_card_fails_and_is_reported_by_direct_message(slow_stage):
    stage = slow_stage
    await with_a_lost_answer(stage, visibility="dm")
    told = await stage.until("mira", lambda all_: [one for one in all_ if "**Failed**" in one["content"]], "dm:mira")
    snapshot = await stage.ended(short_id(told[0]), State.FAILED)
    assert snapshot.job.captured_mcr == 0
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []
    assert await stage.messages("kai") == []


async def test_showing_a_purged_result_says_that_it_is_no_longer_stored(slow_stage):
    stage = slow_stage
    ordered = await order(stage, visibility="private")
    stage.age(EXPIRED_S)
    found = await ordered.finish(State.UNDELIVERED)
    for artefact in found.artefacts:
        (stage.folder / "artefacts" / artefact.path).unlink()
    pressed = await stage.press("mira", await offered(stage), f"Show {ordered.name}")
    text = words(await stage.seen(pressed, is_ready))
    assert "is no longer stored, so I can't show it" in text
    await stage.ended(ordered.name, State.DONE)


async def test_deferred_order_that_becomes_too_late_says_so(stage, monkeypatch):
    gate = stage.gate()

    async def late(*_):
        await gate.wait()
        raise TooLate(age_ms=2_600)

    monkeypatch.setattr(stage.app.jobs, "accept", late)
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert answer.private
    gate.set()
    assert await stage.seen(answer, lambda message: "Discord was too slow" in message["content"])
    assert await stage.balance("mira") == (milli(100_000), 0)
