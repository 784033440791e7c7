"""Tests of moderators' actions on members and results, as everyone sees them."""

from bot.money import milli
from tests.wire.components import modal, names, press, submit
from tests.wire.stage import is_over, is_ready, short_id, text_of
from tests.wire.test_follow_ups import START, result
from tests.wire.test_pages import listed, made, thumbnails, turned

PRICE = milli(75)


async def log_channel(stage):
    """Create a channel for the moderators' log, and return its id."""
    channel = (await stage.change_world("create_channel", name="staff"))["channel"]
    await stage.command("olga", "easel-admin settings", log_channel=channel)
    return channel


async def logged(stage, channel, word):
    """Wait for a log entry with this word, and return its text."""
    return text_of(
        await stage.until("olga", lambda seen: next((one for one in seen if word in text_of(one)), None), channel)
    )


async def told(stage, user, word):
    """Wait for a direct message with this word, and return its text."""
    found = await stage.until(
        user, lambda seen: next((one for one in seen if word in text_of(one)), None), f"dm:{user}"
    )
    return text_of(found)


async def test_takedown_removes_a_result_everywhere_and_every_button_says_so(stage):
    channel = await log_channel(stage)
    message = await result(stage)
    job = short_id(message)
    posted = await stage.command("mira", "jobs")
    page = await stage.message_of(posted)
    made = await stage.message_of(await stage.command("kai", "upscale", job=job), is_over)
    assert is_ready(made)
    more = await stage.message_of(await press(stage, "mira", message, "More"))
    done = await stage.command(
        "ada", "easel-mod takedown", job=job, reason="against rule 3", refund="full", tell="please read our rules"
    )
    assert "2 results" in await stage.text(done)
    await stage.until("kai", lambda seen: not {message["id"], made["id"]} & {one["id"] for one in seen})
    letter = await told(stage, "mira", "removed the result of your job")
    assert all(words in letter for words in ("against rule 3", "please read our rules", job))
    assert "took down" in await logged(stage, channel, "against rule 3")
    assert await stage.balance("mira") == (START, 0)
    assert await stage.balance("kai") == (START, 0)
    assert "took this result down (case 1)" in await stage.text(await press(stage, "mira", more, "Recipe"))
    shown = await press(stage, "mira", page, "Show me")
    assert "took this result down (case 1)" in await stage.text(shown)
    for name, option in (("upscale", "job"), ("recipe show", "id"), ("recipe run", "id")):
        assert "took this result down" in await stage.text(await stage.command("mira", name, **{option: job}))
    page = text_of(await stage.message_of(await stage.command("ada", "easel-mod jobs", state="ended", since="day")))
    assert all(f"<@{stage.world.members[user]}>" in page for user in ("mira", "kai"))
    assert "No jobs match" in await stage.text(await stage.command("ada", "easel-mod jobs", state="active"))
    listed = text_of(await stage.message_of(await stage.command("mira", "history")))
    assert "taken down by a moderator" in listed
    assert "cat" not in listed
    again = await stage.command("ada", "easel-mod takedown", job=job, reason="again", refund="full")
    assert "took this result down (case 1)" in await stage.text(again)
    case = await stage.text(await stage.command("ada", "easel-mod case", number=1))
    assert all(words in case for words in ("against rule 3", job, "Given back: ", "has been told"))
    assert "Show me" not in names(await stage.message_of(await stage.command("mira", "jobs")))


async def test_blocks_warnings_and_pauses_reach_the_member_and_the_log(slow_stage):
    stage = slow_stage
    channel = await log_channel(stage)
    await stage.change_world("close_dms", user="mira")
    await stage.command("ada", "easel-mod warn", user="mira", reason="be kind")
    await logged(stage, channel, "warned")
    first = await stage.command("mira", "imagine", prompt="a cat [never]")
    await stage.until("mira", lambda seen: any("be kind" in text_of(one) for one in seen))
    job = await stage.only_job("mira")
    cancelled = await stage.command("ada", "easel-mod cancel", job=job, reason="too many")
    assert "I'll tell them why" in await stage.text(cancelled)
    assert "**Case 2:**" in await stage.text(cancelled)
    for absent in ("AAAA-AA", f"https://discord.com/channels/1/2/{2**64}"):
        gone = await stage.command("ada", "easel-mod takedown", job=absent, reason="x", refund="full")
        assert "/easel-mod jobs lists" in await stage.text(gone)
    await stage.message_of(first, lambda one: "**Cancelled**" in one["content"])
    await stage.command("ada", "easel-mod block", user="mira", **{"for": "day"}, reason="spam")
    blocked = await stage.text(await stage.command("mira", "imagine", prompt="a cat"))
    assert "blocked orders (this ends" in blocked
    assert "spam" in blocked
    assert "<t:" in await logged(stage, channel, "spam")
    await stage.command("ada", "easel-mod unblock", user="mira", reason="sorry")
    await stage.command("ada", "easel-mod block", user="kai", **{"for": "day"}, reason="a mistake")
    await stage.command("ada", "easel-mod unblock", user="kai", reason="it was not you")
    assert "it was not you" in await told(stage, "kai", "You can order in")
    await stage.command("ada", "easel-mod note", user="mira", text="watch her")
    await stage.command("ada", "easel-mod pause", what="imagine", reason="a contest")
    paused = await stage.text(await stage.command("kai", "imagine", prompt="a cat"))
    assert "paused imagine orders: a contest" in paused
    resumed = await stage.text(await stage.command("ada", "easel-mod resume", what="everything"))
    assert "Not paused: everything" in resumed
    assert "Still paused: imagine" in resumed
    await stage.command("ada", "easel-mod resume", what="imagine")
    cases = await stage.text(await stage.command("ada", "easel-mod cases", user="mira"))
    kinds = ("note", "block lifted", "**Case 3** · block", "job cancelled", "warning")
    assert [cases.index(kind) for kind in kinds] == sorted(cases.index(kind) for kind in kinds)
    assert await stage.balance("mira") == (START, 0)


async def test_report_is_counted_decided_once_and_its_reporters_get_a_message(stage):
    message = await result(stage)
    job = short_id(message)
    more = await stage.message_of(await press(stage, "kai", message, "More"))
    asked = await press(stage, "kai", more, "Report")
    channel = await log_channel(stage)
    assert "have your report" in await stage.text(await submit(stage, asked, "a copy"))
    await logged(stage, channel, "a copy")
    other = await stage.message_of(await press(stage, "theo", message, "More"))
    joined = await submit(stage, await press(stage, "theo", other, "举报"), "also bad")
    assert "其他人举报了" in await stage.text(joined)
    again = await submit(stage, await press(stage, "kai", more, "Report"), "and again")
    assert "already reported" in await stage.text(again)
    entry = await stage.until(
        "ada", lambda seen: next((one for one in seen if "2 reports" in text_of(one)), None), channel
    )
    assert all(words in text_of(entry) for words in ("a copy", "also bad", "<t:", message["id"], job))
    assert "Manage Messages" in await stage.text(await press(stage, "kai", entry, "Approve"))
    own = await stage.message_of(await press(stage, "mira", message, "More"))
    assert "Report" not in names(own)
    asked = await press(stage, "ada", entry, "Take down")
    shown = await modal(stage, asked)
    taken = await stage.do(
        "ada", "modal", channel=channel, custom_id=shown["custom_id"], values={"text": "copied", "choice": ["full"]}
    )
    assert "Taken down" in await stage.text(taken)
    decided = await stage.message_of_id("ada", entry["id"], lambda one: not one["components"], channel)
    assert f"Taken down by <@{stage.world.members['ada']}>" in text_of(decided)
    assert "have taken down job" in await told(stage, "kai", job)
    assert "have taken down job" in await told(stage, "theo", job)  # his Discord language is unknown here
    assert "copied" in await told(stage, "mira", job)
    assert await stage.balance("mira") == (START, 0)


async def test_reports_without_a_log_channel_are_listed_with_pictures_and_decided_there(stage, monkeypatch):
    monkeypatch.setattr("bot.chat.moderation.report_list.ENTRIES", 1)
    monkeypatch.setattr("bot.chat.moderation.moderated_jobs.ENTRIES", 1)
    assert "No reports are waiting" in await stage.text(await stage.command("ada", "easel-mod reports"))
    first, second = [await made(stage, prompt=prompt) for prompt in ("a red cat", "a blue cat")]
    for message, users in ((first, ("kai", "theo")), (second, ("kai",))):
        for user in users:
            more = await stage.message_of(await press(stage, user, message, "More"))
            label = next(one for one in names(more) if one in {"Report", "举报"})
            await submit(stage, await press(stage, user, more, label), f"a copy, says {user}")
    page = await listed(stage, "ada", "easel-mod reports")
    text = text_of(page)
    kai, theo, mira = (f"<@{stage.world.members[user]}>" for user in ("kai", "theo", "mira"))
    assert f"**2 reports** · {mira}'s job {short_id(first)} · first reported <t:" in text
    assert f"By {theo}, {kai}" in text
    assert "a copy, says theo" in text
    assert f"/{first['channel_id']}/{first['id']}" in text
    assert "Choose a log channel" in text
    assert len(thumbnails(page)) == 1
    assert names(page) == ["Approve", "Take down", "Dismiss", "Next ▶"]
    page = await turned(stage, page, "Next", "ada")
    assert f"**Report** · {mira}'s job {short_id(second)}" in text_of(page)
    assert names(page)[-1] == "◀ Previous"
    assert "the result stays" in await stage.text(await press(stage, "ada", page, "Dismiss"))
    assert "has already handled" in await stage.text(await press(stage, "ada", page, "Approve"))
    shown = await modal(stage, await press(stage, "ada", await turned(stage, page, "◀", "ada"), "Take down"))
    values = {"text": "copied", "choice": ["full"]}
    taken = await stage.do(
        "ada", "modal", channel=str(stage.world.channel), custom_id=shown["custom_id"], values=values
    )
    assert "Taken down" in await stage.text(taken)
    assert "No reports are waiting" in await stage.text(await stage.command("ada", "easel-mod reports"))
    assert "have taken down" in await told(stage, "theo", short_id(first))

    shown = await stage.command("ada", "easel-mod jobs", user="mira", state="ended", since="day")
    page = await stage.message_of(shown)
    assert (short_id(second) in text_of(page), names(page)[-1]) == (True, "Older ▶")
    await made(stage, "kai", prompt="a green cat")  # another member's, which the buttons must not show
    page = await turned(stage, page, "Older", "ada")
    assert f"page 2 of 2\n✅ **{short_id(first)}**" in text_of(page)
    await stage.change_world("set_permissions", role="Moderator", deny=["MANAGE_MESSAGES"])
    assert "Manage Messages" in await stage.text(await press(stage, "ada", page, "◀"))
