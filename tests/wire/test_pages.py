"""Tests of pages of jobs, of their buttons, and of their replacements in places that refuse them."""

import io

import pytest
from PIL import Image

from bot.chat.cards.list_page import ENTRIES
from bot.jobs.records import State
from bot.money import milli
from tests.wire.components import names, press
from tests.wire.stage import components, is_over, is_ready, short_id, text_of
from tests.wire.test_ladder import START, assert_paid_once, order

V2 = 1 << 15
PRIVATE_V2 = V2 | 1 << 6
THUMBNAIL, SECTION = 11, 9


async def made(stage, user="mira", **options):
    """Order a picture, wait until its result is shown, and return the message."""
    answer = await stage.command(user, "imagine", **({"prompt": "a cat"} | options))
    message = await stage.message_of(answer, is_ready)
    await stage.until_state(short_id(message), State.DONE)
    return message


async def listed(stage, user="mira", command="history", **options):
    return await stage.message_of(await stage.command(user, command, **options))


async def turned(stage, page, label, user="mira"):
    """Press a button that changes the page, and return the page afterwards."""
    answer = await press(stage, user, page, label)
    changed = lambda one: one["id"] == page["id"] and one["edited_timestamp"] != page["edited_timestamp"]  # noqa: E731
    return await stage.until(
        user, lambda seen: next(filter(changed, seen), None) if answer.state == "acknowledged" else None
    )


def having(words):
    """Return a function for `until` that selects the messages with these words."""
    return lambda seen: [one for one in seen if words in one["content"]]


async def posted(stage, page, user="mira"):
    """Press Show here, and return the private answer once the result is posted."""
    return await stage.message_of(await press(stage, user, page, "Show here"), lambda one: "Posted" in one["content"])


async def deleted_by(stage, user, message):
    """Let someone delete a result with Easel's button."""
    opened = await press(stage, user, message, "More")
    await press(stage, user, await stage.message_of(opened), "Delete")
    question = await stage.message_of(opened, lambda one: "Keep it" in names(one))
    await press(stage, user, question, next(one for one in names(question) if one in {"Delete it", "Remove it"}))
    await stage.message_of(opened, lambda one: not one["components"])


def thumbnails(page):
    return [one for one in components(page) if one["type"] == THUMBNAIL]


def order_of(page, *words):
    """Return the given words that a page contains, in the page's order."""
    text = text_of(page)
    return sorted((word for word in words if word in text), key=text.index)


async def fetch(stage, url):
    async with stage.http.get(url) as response:
        assert response.ok
        return await response.read()


class TestPages:
    async def test_page_shows_each_result_with_picture_words_link_and_buttons(self, stage):
        message = await made(stage)
        page = await listed(stage)
        assert page["flags"] == PRIVATE_V2
        assert page["attachments"] == page["embeds"] == []
        text = text_of(page)
        assert "**Your history** · one job, page 1 of 1" in text
        assert f"✅ **{short_id(message)}** · done" in text
        assert "a cat\n-# flux-schnell · 75 credits" in text
        assert f"/{message['channel_id']}/{message['id']})" in text
        (picture,) = thumbnails(page)
        assert picture["description"] == "AI-generated: a cat (flux-schnell)"
        content = await fetch(stage, picture["media"]["url"])
        with Image.open(io.BytesIO(content)) as image:
            assert max(image.size) == 256
        assert b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia" in content
        assert names(page) == ["Show me", "Show here", "☆ Favourite"]

    async def test_page_of_the_longest_prompts_stays_within_discords_limits(self, stage, monkeypatch):
        monkeypatch.setattr("bot.chat.lists.job_pages.ENTRIES", ENTRIES)
        for _ in range(ENTRIES + 1):
            await made(stage, prompt="<@1> *" * 600)
        page = await listed(stage, page=1)
        page = await turned(stage, await turned(stage, page, "Older"), "◀")
        assert len(components(page)) == 39  # a page between two others has one more component
        assert len(thumbnails(page)) == ENTRIES

    async def test_pages_are_turned_in_the_same_message_and_keep_their_search(self, stage, monkeypatch):
        monkeypatch.setattr("bot.chat.lists.job_pages.ENTRIES", 1)
        for prompt in ("red boat", "a cat", "blue boat"):
            await made(stage, prompt=prompt)
        page = await listed(stage, search="boat")
        assert order_of(page, "red boat", "blue boat") == ["blue boat"]
        assert "2 jobs, page 1 of 2" in text_of(page)
        await stage.restart_bot()
        page = await turned(stage, page, "Older")
        assert order_of(page, "red boat", "blue boat", "a cat") == ["red boat"]
        assert "Older ▶" not in names(page)
        page = await turned(stage, page, "◀ Newer")
        assert order_of(page, "red boat", "blue boat", "a cat") == ["blue boat"]

    async def test_page_whose_search_was_forgotten_says_so(self, stage, monkeypatch):
        monkeypatch.setattr("bot.chat.lists.job_pages.ENTRIES", 1)
        for prompt in ("red boat", "blue boat"):
            await made(stage, prompt=prompt)
        page = await listed(stage, search="boat")
        monkeypatch.setattr("bot.chat.lists.stored_searches.KEPT_MS", -1)
        answer = await press(stage, "mira", page, "Older")
        said = await stage.until("mira", having("no longer exists"))
        assert len(said) == 1
        assert answer.state == "acknowledged"

    async def test_star_is_drawn_at_once_and_lists_the_favourite(self, stage):
        message = await made(stage)
        page = await turned(stage, await listed(stage), "☆")
        assert "★ Favourite" in names(page)
        favourites = await listed(stage, favourites=True)
        assert short_id(message) in text_of(favourites)
        assert "**Your favourites** · one" in text_of(favourites)
        answer = await press(stage, "mira", favourites, "★")
        said = await stage.until(
            "mira", lambda seen: [one for one in seen if "no matching favourites" in one["content"]]
        )
        assert (answer.state, len(said)) == ("acknowledged", 1)

    async def test_failed_job_has_neither_picture_nor_show_buttons(self, stage):
        await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [fail]"), is_over)
        page = await listed(stage)
        assert (thumbnails(page), names(page)) == ([], [])
        assert "❌" in text_of(page)
        assert "0 credits" in text_of(page)

    async def test_running_job_can_be_cancelled_from_its_entry(self, slow_stage):
        running = await order(slow_stage)
        page = await listed(slow_stage, command="jobs")
        assert names(page) == ["Cancel"]
        await press(slow_stage, "mira", page, "Cancel")
        await slow_stage.until_state(running.name, State.CANCELLED)

    async def test_video_and_sound_have_pictures(self, stage):
        await made_by(stage, "video", prompt="waves", model="kwaivgi/kling-v1.6-standard")
        await made_by(stage, "music", prompt="a slow blues")
        page = await listed(stage)
        kinds = [(one["media"]["width"], one["media"]["height"]) for one in thumbnails(page)]
        assert kinds == [(256, 256), (256, 144)]

    async def test_page_in_direct_messages_offers_nothing_that_needs_a_server(self, stage):
        await made(stage)
        page = await listed(stage, command="jobs", channel="dm:mira")
        assert names(page) == ["Show me"]
        shown = await stage.message_of(await press(stage, "mira", page, "Show me"), is_ready)
        assert len(shown["attachments"]) == 1

    async def test_page_is_in_the_language_of_its_reader(self, stage):
        await stage.command("mira", "prefs", language="zh-CN")
        await made(stage)
        page = await listed(stage)
        assert names(page) == ["给我看", "在此显示", "☆ 收藏"]
        assert "**你的历史**" in text_of(page)


async def made_by(stage, command, **options):
    message = await stage.message_of(await stage.command("mira", command, **options), is_over)
    await stage.until_state(short_id(message), State.DONE)
    return message


class TestFallbacks:
    async def test_page_becomes_text_without_the_permission_to_embed_links(self, stage):
        await made(stage)
        await deny(stage, "bot", "EMBED_LINKS")
        page = await listed(stage)
        assert (page["flags"] & V2, page["embeds"]) == (0, [])
        assert "a cat" in page["content"]
        name = short_id((await stage.messages("mira"))[0])
        assert names(page) == [f"Show me {name}", f"Show here {name}", f"☆ Favourite {name}"]

    async def test_page_becomes_a_classic_message_if_discord_refuses_components(self, stage):
        await made(stage)
        await stage.fault("POST", "*/callback", times=1, status=400, body={"code": 50035, "message": "Invalid"})
        page = await listed(stage)
        assert page["flags"] & V2 == 0
        assert "a cat" in page["embeds"][0]["description"]

    async def test_turned_page_follows_as_text_if_components_are_now_refused(self, stage, monkeypatch):
        monkeypatch.setattr("bot.chat.lists.job_pages.ENTRIES", 1)
        for prompt in ("red boat", "blue boat"):
            await made(stage, prompt=prompt)
        page = await listed(stage)
        await deny(stage, "bot", "EMBED_LINKS")
        await press(stage, "mira", page, "Older")
        text = await stage.until("mira", having("\nred boat\n"))
        await press(stage, "mira", text[-1], "◀")
        turned = await stage.message_of_id("mira", text[-1]["id"], lambda one: "blue boat" in one["content"])
        assert "red boat" not in turned["content"]

    async def test_page_without_the_permission_to_attach_files_has_no_pictures(self, stage):
        await made(stage)
        await deny(stage, "bot", "ATTACH_FILES")
        page = await listed(stage)
        assert page["flags"] & V2
        assert thumbnails(page) == []

    async def test_damaged_file_leaves_an_entry_without_picture(self, stage):
        message = await made(stage)
        snapshot = await stage.app.jobs.find(stage.world.guild, short_id(message))
        (stage.folder / "artefacts" / snapshot.artefacts[0].path).write_bytes(b"\x89PNG\r\n\x1a\n broken")
        page = await listed(stage)
        assert thumbnails(page) == []
        assert "Show me" in names(page)


async def deny(stage, who, *permissions, channel=""):
    await stage.change_world(
        "set_permissions", channel=channel or str(stage.world.channel), user=who, deny=list(permissions)
    )


async def delete(stage, message):
    await stage.change_world("delete_message", channel=message["channel_id"], message=message["id"])


async def public_messages(stage):
    return await stage.messages("kai")


class TestShowHere:
    async def test_result_that_its_member_deleted_is_posted_again_for_everyone(self, stage):
        message = await made(stage)
        await deleted_by(stage, "mira", message)
        assert await public_messages(stage) == []
        page = await listed(stage)
        assert "its message was deleted" in text_of(page)
        told = await posted(stage, page)
        (again,) = await public_messages(stage)
        assert "shows a result again" in again["content"]
        assert again["mentions"] == []
        assert len(again["attachments"]) == 1
        assert "balance" not in again["content"]
        assert f"/{again['id']}" in told["content"]
        assert f"/{again['id']})" in text_of(await listed(stage))
        assert "Reroll" in names(again)
        await assert_paid_once(stage)

    async def test_two_presses_post_one_message(self, stage):
        await made(stage)
        page = await listed(stage)
        for _ in range(2):
            await stage.message_of(
                await press(stage, "mira", page, "Show here"), lambda one: "Posted" in one["content"]
            )
        assert len(await public_messages(stage)) == 2  # the first message, and one more

    async def test_posted_result_can_be_removed_by_its_member_and_shown_again(self, stage):
        await made(stage)
        for _ in range(2):
            told = await posted(stage, await listed(stage))
            assert len(await public_messages(stage)) == 2
            gone = await press(stage, "mira", told, "Remove it")
            await stage.message_of(gone, lambda one: "Removed" in one["content"])
            assert len(await public_messages(stage)) == 1

    async def test_private_result_is_posted_only_after_a_question(self, stage):
        await made(stage, visibility="private")
        page = await listed(stage)
        assert "🔒 only you" in text_of(page)
        assert "Go to message" not in text_of(page)
        asked = await stage.message_of(await press(stage, "mira", page, "Show here"))
        assert "is private: only you can see it" in asked["content"]
        assert await public_messages(stage) == []
        told = await press(stage, "mira", asked, "Post it here")
        await stage.message_of(told, lambda one: "Posted" in one["content"])
        (shown,) = await public_messages(stage)
        assert names(shown) == []
        assert len(shown["attachments"]) == 1

    @pytest.mark.parametrize("lacking", ["SEND_MESSAGES", "ATTACH_FILES"])
    async def test_member_who_may_not_post_is_offered_show_me_only(self, stage, lacking):
        await made(stage)
        page = await listed(stage)
        await deny(stage, "mira", lacking)
        assert names(await listed(stage)) == ["Show me", "☆ Favourite"]
        before = [one["id"] for one in await public_messages(stage)]
        said = await stage.text(await press(stage, "mira", page, "Show here"))
        assert "you may not post files in this channel" in said
        assert [one["id"] for one in await public_messages(stage)] == before

    async def test_thread_needs_the_permission_for_threads(self, stage):
        await made(stage)
        where = str(stage.world.channel)
        thread = (await stage.change_world("create_thread", channel=where, name="pictures"))["channel"]
        assert "Show here" in names(await listed(stage, channel=thread))
        await deny(stage, "mira", "SEND_MESSAGES_IN_THREADS")
        assert "Show here" not in names(await listed(stage, channel=thread))
        await stage.change_world("set_permissions", channel=where, user="mira", allow=["SEND_MESSAGES_IN_THREADS"])
        page = await listed(stage, channel=thread)
        await posted(stage, page)
        assert len(await stage.messages("kai", thread)) == 1

    async def test_bot_that_may_not_post_says_which_permission_it_lacks(self, stage):
        await made(stage)
        page = await listed(stage)
        await deny(stage, "bot", "SEND_MESSAGES", "SEND_MESSAGES_IN_THREADS")
        said = await stage.text(await press(stage, "mira", page, "Show here"))
        assert "I don't have the Send Messages permission" in said

    async def test_result_that_was_not_posted_is_delivered_by_posting_it(self, slow_stage):
        stage = slow_stage
        running = await order(stage)
        await stage.change_world("set_permissions", channel=str(stage.world.channel), user="bot", deny=["VIEW_CHANNEL"])
        stage.advance_discord(901)
        await running.finish(State.UNDELIVERED)
        elsewhere = (await stage.change_world("create_channel", name="elsewhere"))["channel"]
        page = await listed(stage, command="jobs", channel=elsewhere)
        assert "📦" in text_of(page)
        await posted(stage, page)
        await stage.until_state(running.name, State.DONE)
        (shown,) = await stage.messages("kai", elsewhere)
        assert len(shown["attachments"]) == 1
        await assert_paid_once(stage)


class TestWhatModeratorsRemoved:
    async def test_result_that_a_moderator_deleted_cannot_be_shown_again(self, stage):
        message = await made(stage)
        page = await listed(stage)
        await deleted_by(stage, "ada", message)
        for label in ("Show me", "Show here"):
            said = await stage.text(await press(stage, "mira", page, label))
            assert "a moderator removed this result" in said
        again = await listed(stage)
        assert "removed by a moderator" in text_of(again)
        assert (thumbnails(again), names(again)) == ([], ["☆ Favourite"])
        assert await public_messages(stage) == []

    async def test_result_that_was_found_deleted_is_shown_to_its_member_only(self, stage):
        message = await made(stage)
        page = await listed(stage)
        await delete(stage, message)
        said = await stage.text(await press(stage, "mira", page, "Show here"))
        assert "deleted in Discord, perhaps by a moderator" in said
        shown = await stage.message_of(await press(stage, "mira", page, "Show me"), is_ready)
        assert len(shown["attachments"]) == 1
        assert names(await listed(stage)) == ["Show me", "☆ Favourite"]
        assert await public_messages(stage) == []

    async def test_closed_channel_does_not_count_as_a_removal(self, stage):
        await made(stage)
        elsewhere = (await stage.change_world("create_channel", name="elsewhere"))["channel"]
        await stage.change_world("delete_channel", channel=str(stage.world.channel))
        page = await listed(stage, channel=elsewhere)
        assert elsewhere in (await posted(stage, page))["content"]


class TestOtherMembersResults:
    async def favourite(self, stage):
        """Let kai mark a result of mira's, and return its message and kai's page."""
        message = await made(stage)
        menu = await stage.message_of(await press(stage, "kai", message, "More"))
        await press(stage, "kai", menu, "☆ Favourite")
        await stage.message_of_id("kai", menu["id"], lambda one: "★ Favourite" in names(one))
        return message, await listed(stage, "kai", favourites=True)

    async def test_members_can_be_shown_public_results_that_they_marked(self, stage):
        message, page = await self.favourite(stage)
        assert names(page) == ["Show me", "Show here", "★ Favourite"]
        shown = await stage.message_of(await press(stage, "kai", page, "Show me"), is_ready)
        assert short_id(shown) == short_id(message)
        told = await stage.message_of(
            await press(stage, "kai", page, "Show here"), lambda one: "Posted" in one["content"]
        )
        assert names(told) == []  # only its member and moderators can remove it

    async def test_result_that_its_member_deleted_is_theirs_alone(self, stage):
        message, page = await self.favourite(stage)
        await deleted_by(stage, "mira", message)
        for label in ("Show me", "Show here"):
            said = await stage.text(await press(stage, "kai", page, label))
            assert "you don't have access to it" in said
        again = await stage.message_of(await stage.command("kai", "history", favourites=True))
        assert (thumbnails(again), names(again)) == ([], ["★ Favourite"])
        assert short_id(message) not in text_of(again)

    async def test_showing_a_result_again_costs_nothing(self, stage):
        _, page = await self.favourite(stage)
        await stage.message_of(await press(stage, "kai", page, "Show me"), is_ready)
        assert await stage.balance("kai") == (START, 0)
        assert await stage.balance("mira") == (START - milli(75), 0)


class TestOriginals:
    async def test_original_is_sent_in_parts_that_can_be_joined(self, stage):
        message = await made(stage, prompt="a cat [huge]")
        assert "Press “Send me the original” to get it (available for 30 days)." in text_of(message)
        answer = await press(stage, "mira", message, "Send me the original")
        told = await stage.message_of(answer, lambda one: len(one["attachments"]) == 2)
        snapshot = await stage.app.jobs.find(stage.world.guild, short_id(message))
        (artefact,) = snapshot.artefacts
        whole = (stage.folder / "artefacts" / artefact.path).read_bytes()
        assert [one["filename"] for one in told["attachments"]] == [f"{artefact.name}.001", f"{artefact.name}.002"]
        assert b"".join([await fetch(stage, one["url"]) for one in told["attachments"]]) == whole
        assert f"cat {artefact.name}.??? > {artefact.name}" in told["content"]
        assert artefact.sha256 in told["content"]
        assert len(await public_messages(stage)) == 1

    async def test_original_is_sent_whole_in_a_boosted_server(self, slow_stage):
        stage = slow_stage
        running = await order(stage, "a cat [huge]")
        await running.finish(State.DONE)
        message = await running.result()
        await stage.change_world("set_tier", tier="2")
        answer = await press(stage, "mira", message, "Send me the original")
        told = await stage.message_of(answer, lambda one: one["attachments"])
        (file,) = told["attachments"]
        assert file["size"] > 10 << 20

    async def test_more_parts_than_one_press_sends_follow_after_another_press(self, stage, monkeypatch):
        monkeypatch.setattr("bot.chat.results.originals.REQUEST_LIMIT", 3 << 20)
        monkeypatch.setattr("bot.chat.results.originals.MESSAGES_AT_ONCE", 2)
        message = await made(stage, prompt="a cat [huge]")
        answer = await press(stage, "mira", message, "Send me the original")
        first = await parts(stage, 2)
        assert "Message 1 of 4" in first[0]["content"]
        assert answer.message == first[0]["id"]
        await press(stage, "mira", first[1], "Send the next parts")
        every = await parts(stage, 4)
        assert [one["attachments"][0]["filename"][-4:] for one in every] == [".001", ".002", ".003", ".004"]
        assert [names(one) for one in every] == [[], ["Send the next parts"], [], []]

    async def test_originals_that_are_together_too_large_for_one_message_come_in_several(self, stage, monkeypatch):
        message = await made(stage, count=4)
        monkeypatch.setattr("bot.chat.results.originals.REQUEST_LIMIT", max_of(message))
        menu = await stage.message_of(await press(stage, "mira", message, "More"))
        await press(stage, "mira", menu, "Send me the original")
        sent = await parts(stage, 4, count=lambda found: sum(len(one["attachments"]) for one in found))
        assert len(sent) > 1

    async def test_removed_original_is_reported(self, stage):
        message = await made(stage)
        snapshot = await stage.app.jobs.find(stage.world.guild, short_id(message))
        (stage.folder / "artefacts" / snapshot.artefacts[0].path).unlink()
        menu = await stage.message_of(await press(stage, "mira", message, "More"))
        answer = await press(stage, "mira", menu, "Send me the original")
        assert await stage.message_of(answer, lambda one: "were deleted after 30 days" in one["content"])


def max_of(message):
    return max(one["size"] for one in message["attachments"])


async def parts(stage, wanted, *, count=len):
    """Wait until mira has this many private messages with files (or what `count` counts in them), and return them."""

    def look(seen):
        found = [one for one in seen if one["flags"] & 1 << 6 and one["attachments"]]
        return found if count(found) == wanted else None

    return await stage.until("mira", look)
