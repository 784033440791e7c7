"""Tests of who may use a job: every access path to a job, for every kind of job.

The rule itself is tested in tests/unit/jobs/test_access.py. Here, the access paths are used as people would use them,
including through buttons in outdated private menus, which work for as long as their job exists.
"""

import asyncio
import io

import pytest
from PIL import Image

from bot.chat.cards.button_rendering import view
from bot.chat.cards.card import Card, CardButton, CardSelect, CardSelectOption, Verb
from bot.jobs.records import Receipt, Rung
from bot.preferences.preference_records import Preference
from bot.storage.operation import Statement
from tests.pixels import picture
from tests.wire.components import choose, controls, label_of, menu, modal, names, press, press_id, submit
from tests.wire.stage import is_over, is_ready, short_id, text_of
from tests.wire.test_follow_ups import jobs

REFUSED = (
    "I can't find job", "no longer exists", "that you can't see or that was removed", "was removed",
    "a moderator removed this result",
)  # fmt: skip
EXPIRED = "were deleted after"

COMMANDS = {
    "edit": {"instruction": "at night"},
    "erase": {"what": "the boat"},
    "removebg": {},
    "upscale": {},
    "vectorize": {},
}
RECIPES = ("recipe show", "recipe run", "recipe diff")
PRESSED = (Verb.REROLL, Verb.AGAIN, Verb.UPSCALE, Verb.REMOVEBG)
"""The buttons that place an order at once."""
TYPED = (Verb.EDIT, Verb.ANIMATE)
"""The buttons that open a modal."""
MORE = (Verb.MORE, Verb.RECIPE, Verb.COMMAND, Verb.TO_DM, Verb.ORIGINAL)
"""The menu buttons that answer with a separate message."""
WITHOUT_FILES = {*RECIPES, Verb.REROLL, Verb.AGAIN, Verb.MORE, Verb.RECIPE, Verb.COMMAND}
"""The access paths that do not need files, and therefore work for as long as the record exists."""


async def hears(stage, event, change):
    """Change the world, and wait until the bot knows about the change."""
    told = asyncio.create_task(stage.app.client.wait_for(event))
    await asyncio.sleep(0)
    await change
    await told


async def channel(stage, name):
    """Create a channel, and return its id once the bot knows about it."""
    made = {}

    async def create():
        made.update(await stage.change_world("create_channel", name=name))

    await hears(stage, "guild_channel_create", create())
    return made["channel"]


async def hide(stage, place, user):
    """Take away a member's permission to see a channel."""
    denied = stage.change_world("set_permissions", channel=place, user=user, deny=["VIEW_CHANNEL"])
    await hears(stage, "guild_channel_update", denied)


async def made(stage, user="mira", place="", **options):
    """Order a picture in a channel, and return its message."""
    answer = await stage.command(user, "imagine", channel=place, **({"prompt": "a lighthouse in fog"} | options))
    return await stage.message_of(answer, is_ready)


async def snapshot_of(stage, message):
    return await stage.app.jobs.find(stage.world.guild, short_id(message))


async def expire(stage, message):
    job = (await snapshot_of(stage, message)).job.id

    def write():
        yield Statement("UPDATE artefact SET removed_ms = 1 WHERE job = $1", job)

    await stage.app.database.run(write)


async def removed(stage, message, by):
    job = (await snapshot_of(stage, message)).job.id
    await stage.app.jobs.removed(job, by=stage.world.members[by])


class Visitor:
    """A member who tries every access path to one job, from a channel in which the job was not posted."""

    def __init__(self, stage, user, message, place):
        self.stage = stage
        self.user = user
        self.message = message
        self.place = place
        self.short_id = short_id(message)
        self.id = ""
        self.outcomes = {}

    async def walk(self):
        """Try every access path, and return the outcome of each: used, refused or expired."""
        self.id = (await snapshot_of(self.stage, self.message)).job.id
        for name, options in COMMANDS.items():
            await self.note(name, await self.command(name, job=self.short_id, **options))
        for name in RECIPES:
            options = {"id2": self.short_id} if name == "recipe diff" else {}
            await self.note(name, await self.command(name, id=self.short_id, **options))
        for verb in (*PRESSED, *MORE):
            await self.note(verb.value, await self.pressed(verb))
        for verb in TYPED:
            await self.note(verb.value, await self.typed(verb))
        await self.note("option", await self.chosen())
        return self.outcomes

    async def note(self, door, answer):
        self.outcomes[door] = await self.outcome(answer)

    async def outcome(self, answer):
        assert answer.state == "acknowledged", answer
        message = await self.stage.message_of(answer, lambda one: one["content"] or one["embeds"])
        text = text_of(message)
        if any(words in text for words in REFUSED):
            assert answer.private
            return "refused"
        return "expired" if EXPIRED in text else "used"

    async def command(self, name, **options):
        self.stage.advance_discord(4)
        return await self.stage.command(self.user, name, channel=self.place, **options)

    async def post(self, buttons=(), selects=()):
        """Post a component of the job, as an outdated menu would still have it."""
        self.stage.advance_discord(4)  # within 3 s, a second press of the same kind would be ignored
        posted = await self.stage.app.client.get_partial_messageable(int(self.place)).send(
            view=view(Card(buttons=tuple(buttons), selects=tuple(selects)))
        )
        return next(one for one in await self.stage.messages(self.user, self.place) if one["id"] == str(posted.id))

    async def pressed(self, verb):
        message = await self.post((CardButton(verb, self.id, verb.value, 1 if verb in {*PRESSED, *TYPED} else 0),))
        return await press(self.stage, self.user, message, label_of({"label": label(verb)}))

    async def typed(self, verb):
        answer = await self.pressed(verb)
        return await submit(self.stage, answer, "at night") if await modal(self.stage, answer) else answer

    async def chosen(self):
        option = CardSelectOption(f"{Verb.UPSCALE}:1:0", "Upscale it", "")
        message = await self.post(selects=(CardSelect(self.id, "", (option,)),))
        return await choose(self.stage, self.user, message, "Upscale it")


def label(verb):
    return "⋯ more" if verb is Verb.MORE else verb.value


SITUATIONS = {
    # a job's situation: the options of mira's order, what happens to the job, who asks, and whether they may use it
    "own-private": ({"visibility": "private"}, "", "mira", "used"),
    "others-private": ({"visibility": "private"}, "", "kai", "refused"),
    "others-dm": ({"visibility": "dm"}, "", "kai", "refused"),
    "seen": ({}, "", "kai", "used"),
    "unseen": ({}, "hidden", "kai", "refused"),
    "own-unseen": ({}, "hidden-from-its-member", "mira", "used"),
    "deleted-by-member": ({}, "deleted", "mira", "used"),
    "deleted-by-member-for-others": ({}, "deleted", "kai", "refused"),
    "removed-by-moderator": ({}, "removed", "mira", "refused"),
    "removed-by-moderator-for-others": ({}, "removed", "kai", "refused"),
    "kept": ({}, "kept", "kai", "refused"),
    "expired": ({}, "expired", "kai", "expired"),
    "member-left": ({}, "left", "kai", "used"),
}


async def prepare(stage, message, gallery, what):
    """Put a job into a situation."""
    match what:
        case "hidden":
            await hide(stage, gallery, "kai")
        case "hidden-from-its-member":
            await hide(stage, gallery, "mira")
        case "deleted":
            await removed(stage, message, "mira")
        case "removed":
            await removed(stage, message, "ada")
        case "kept":
            receipt = Receipt(Rung.KEPT, stage.world.channel, 1)
            job = (await snapshot_of(stage, message)).job.id
            await stage.app.database.run(lambda: undelivered(job))
            await stage.app.jobs.shown(job, receipt)
        case "expired":
            await expire(stage, message)
        case "left":
            await stage.change_world("leave", user="mira")


def undelivered(job):
    yield Statement("UPDATE job SET state = 'undelivered' WHERE id = $1", job)


@pytest.mark.parametrize("situation", SITUATIONS)
async def test_every_access_path_admits_only_members_who_may_see_the_job(stage, situation):
    options, what, user, expected = SITUATIONS[situation]
    gallery, studio = await channel(stage, "more-pictures"), await channel(stage, "workshop")
    message = await made(stage, place=gallery, **options)
    await stage.until_state(short_id(message), "done")
    await prepare(stage, message, gallery, what)
    before = len(await jobs(stage, user))
    outcomes = await Visitor(stage, user, message, studio).walk()
    wanted = dict.fromkeys(outcomes, expected)
    if expected == "expired":
        wanted |= dict.fromkeys(WITHOUT_FILES, "used")
    assert outcomes == wanted
    if expected == "refused":
        assert len(await jobs(stage, user)) == before
    else:
        assert len(await jobs(stage, user)) > before


async def test_running_again_needs_access_to_the_source_of_a_published_result(stage):
    private = await made(stage, visibility="private")
    answer = await stage.command("mira", "removebg", job=short_id(private), visibility="channel")
    published = await stage.message_of(answer, is_ready)
    assert await stage.is_public(answer)
    refused = await stage.command("kai", "recipe run", id=short_id(published))
    assert refused.private
    assert "that you can't see or that was removed" in await stage.text(refused)
    again = await stage.command("mira", "recipe run", id=short_id(published))
    assert is_ready(await stage.message_of(again, is_over))


async def test_start_is_refused_if_the_source_was_removed_while_its_price_was_shown(stage):
    message = await made(stage)
    await stage.app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=1)
    asked = await stage.command("kai", "upscale", job=short_id(message))
    question = await stage.message_of(asked)
    await removed(stage, message, "ada")
    refused = await press(stage, "kai", question, "Start")
    assert "was removed" in await stage.text(refused)
    assert await jobs(stage, "kai") == ()


VISIBILITIES = ("private", "dm")
PREFERRED = ("channel", "private")
FILM = {"lipsync": {"text": "Hello there", "voice": "en_AOT"}}


async def film(stage, **options):
    """Order a video for the command that needs one."""
    for model in stage.app.catalogue.models():
        if "lipsync" in model.tasks:
            await stage.app.policy.allow(stage.world.guild, model.id, by=1)
    answer = await stage.command("mira", "video", prompt="a person speaks", **options)
    return await stage.message_of(answer, is_ready)


async def made_from_private_results(stage, names):
    """Use each of these commands on a result of each private visibility; check that the new result is just as private.

    Return how many orders were placed.
    """
    ordered = 0
    for visibility in VISIBILITIES:
        sources = {"lipsync": await film(stage, visibility=visibility)} if "lipsync" in names else {}
        picture = await made(stage, visibility=visibility)
        for name in names:
            options = (COMMANDS | FILM)[name]
            answer = await stage.command("mira", name, job=short_id(sources.get(name, picture)), **options)
            card = await stage.message_of(answer, is_over)
            assert answer.private, name
            assert is_ready(card), text_of(card)
            assert (await snapshot_of(stage, card)).job.visibility == visibility
            ordered += 1
    return ordered


async def test_any_command_makes_private_results_from_private_ones(stage):
    assert await made_from_private_results(stage, COMMANDS | FILM) == len(VISIBILITIES) * len(COMMANDS | FILM)
    assert await stage.messages("kai") == []


async def test_preferred_visibility_does_not_publish_what_is_made_from_a_private_result(stage):
    mira = stage.world.members["mira"]
    for preferred in PREFERRED:
        await stage.app.preferences.set(stage.world.guild, mira, Preference(visibility=preferred))
        assert await made_from_private_results(stage, ["removebg"]) == len(VISIBILITIES)
        assert await stage.messages("kai") == []


async def test_member_may_publish_what_they_make_from_their_private_result(stage):
    sources = {"lipsync": await film(stage, visibility="private")}
    picture = await made(stage, visibility="private")
    for name, options in (COMMANDS | FILM).items():
        job = short_id(sources.get(name, picture))
        answer = await stage.command("mira", name, job=job, visibility="channel", **options)
        assert await stage.is_public(answer), name
        await stage.message_of(answer, is_over)


async def test_mask_does_not_publish_what_is_made_from_a_private_result(stage):
    picture = await made(stage, visibility="private")
    width, height = (picture["attachments"][0][side] for side in ("width", "height"))
    white = io.BytesIO()
    Image.new("L", (width, height), 255).save(white, "PNG")
    for name, options in (("edit", {"instruction": "a sunset"}), ("erase", {"fill": "a sunset"})):
        files = {"mask": ("mask.png", white.getvalue())}
        answer = await stage.command("mira", name, files=files, job=short_id(picture), **options)
        card = await stage.message_of(answer, is_over)
        assert answer.private, name
        assert is_ready(card), text_of(card)


async def test_preferred_visibility_applies_to_edits_with_a_mask(stage):
    mira = stage.world.members["mira"]
    await stage.app.preferences.set(stage.world.guild, mira, Preference(visibility="private"))
    files = {"image": ("a.png", picture("red")), "mask": ("mask.png", picture("white"))}
    answer = await stage.command("mira", "edit", instruction="a sunset", files=files)
    assert answer.private
    await stage.message_of(answer, is_over)


async def test_button_on_another_members_public_result_follows_the_pressing_members_preference(stage):
    message = await made(stage)
    kai = stage.world.members["kai"]
    assert await stage.is_public(await press(stage, "kai", message, "Reroll"))
    await stage.app.preferences.set(stage.world.guild, kai, Preference(visibility="private"))
    stage.advance_discord(5)  # a second press within 3 s counts once
    for name in ("Reroll", "Upscale"):
        assert (await press(stage, "kai", message, name)).private
    assert (await menu(stage, "kai", message, "Upscale")).private
    await stage.app.preferences.set(stage.world.guild, stage.world.members["mira"], Preference(visibility="private"))
    assert await stage.is_public(await press(stage, "mira", message, "Reroll"))  # her own result, and just as public


async def test_price_question_keeps_the_result_private(stage):
    source = await made(stage, visibility="private")
    await stage.app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=1)
    asked = await stage.command("mira", "upscale", job=short_id(source))
    await press(stage, "mira", await stage.message_of(asked), "Start")
    assert is_ready(await stage.message_of(asked, is_over))
    assert await stage.messages("kai") == []


async def test_pictures_of_a_private_message_stay_private(stage):
    source = await made(stage, visibility="private")
    copy = await press(
        stage, "mira", await stage.message_of(await press(stage, "mira", source, "More")), "Send me the original"
    )
    shown = await stage.message_of(copy, lambda one: one["attachments"])
    for name in ("Upscale", "Edit with Easel"):
        answer = await menu(stage, "mira", shown, name)
        if await modal(stage, answer):
            await stage.restart_bot()
            answer = await submit(stage, answer, "at night")
        assert answer.private
        assert is_ready(await stage.message_of(answer, is_over))
    assert await stage.messages("kai") == []


async def test_hidden_favourites_reveal_nothing_and_can_be_unmarked(stage):
    gallery = await channel(stage, "more-pictures")
    messages = [await made(stage, place=gallery), await made(stage)]
    for message in messages:
        opened = await stage.message_of(await press(stage, "kai", message, "More"))
        await press(stage, "kai", opened, "☆ Favourite")
    await hide(stage, gallery, "kai")
    page = await stage.message_of(await stage.command("kai", "history", favourites=True))
    assert [short_id(one) in text_of(page) for one in messages] == [False, True]
    assert "A favourite that you can no longer see" in text_of(page)
    searched = await stage.text(await stage.command("kai", "history", favourites=True, search="a"))
    assert "no longer see" not in searched
    assert names(page) == ["Show me", "Show here", "★ Favourite", "★ Favourite"]
    unseen = (await snapshot_of(stage, messages[0])).job.id
    await press_id(stage, "kai", page, next(one["custom_id"] for one in controls(page) if unseen in one["custom_id"]))
    left = await stage.message_of_id("kai", page["id"], lambda one: "no longer see" not in text_of(one))
    assert names(left) == ["Show me", "Show here", "★ Favourite"]
    assert not await stage.app.jobs.is_marked(unseen, stage.world.members["kai"])


@pytest.mark.parametrize(("user", "said"), [("kai", "no longer exists"), ("mira", "a moderator removed")])
async def test_favourite_that_a_moderator_removed_is_unmarked_in_an_open_menu_but_not_marked(stage, user, said):
    message = await made(stage)
    unmarked = await stage.message_of(await press(stage, user, message, "More"))
    opened = await stage.message_of(await press(stage, user, message, "More"))
    await press(stage, user, opened, "☆ Favourite")
    marked = await stage.message_of_id(user, opened["id"], lambda one: "★ Favourite" in names(one))
    await removed(stage, message, "ada")
    assert said in await stage.text(await press(stage, user, unmarked, "☆ Favourite"))
    await press(stage, user, marked, "★ Favourite")
    await stage.message_of_id(user, marked["id"], lambda one: "Removed from your favourites" in one["content"])
    assert "no matching favourites" in await stage.text(await stage.command(user, "history", favourites=True))


async def test_suggestions_leave_out_results_removed_by_a_moderator(stage):
    messages = [await made(stage) for _ in range(2)]
    for message in messages:
        await stage.until_state(short_id(message), "done")
    await removed(stage, messages[0], "ada")
    for command, option in (("upscale", "job"), ("recipe show", "id")):
        offered = await stage.choices("mira", command, option, **{option: ""})
        assert [one["value"] for one in offered] == [short_id(messages[1])]


async def test_members_who_see_a_channel_see_its_archived_threads(stage):
    public, gallery = await threads(stage)
    message = await made(stage, place=public)
    await hears(stage, "raw_thread_update", stage.change_world("archive_thread", channel=public))
    await stage.restart_bot()
    assert "Upscaling" in await stage.text(await stage.command("kai", "upscale", job=short_id(message)))
    await hide(stage, gallery, "kai")
    assert "I can't find job" in await stage.text(await stage.command("kai", "upscale", job=short_id(message)))


async def threads(stage):
    gallery = await channel(stage, "more-pictures")
    return (await stage.change_world("create_thread", channel=gallery, name="Boats"))["channel"], gallery


async def test_private_thread_is_not_seen_from_elsewhere(stage):
    place = str(stage.world.channel)
    plans = await stage.change_world("create_thread", channel=place, name="Plans", private=True)
    message = await made(stage, user="ada", place=plans["channel"])
    for user, seen in (("kai", "I can't find job"), ("ada", "Upscaling"), ("olga", "Upscaling")):
        assert seen in await stage.text(await stage.command(user, "upscale", job=short_id(message)))


async def test_no_member_can_see_a_deleted_channel(stage):
    gallery = await channel(stage, "more-pictures")
    message = await made(stage, place=gallery)
    await hears(stage, "guild_channel_delete", stage.change_world("delete_channel", channel=gallery))
    assert "I can't find job" in await stage.text(await stage.command("kai", "upscale", job=short_id(message)))
