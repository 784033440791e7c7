"""Tests of the optional, step-by-step setup of a new server, which one admin begins and another continues."""

import asyncio

import pytest

from bot.app import probes
from bot.audit.audit_rows import AuditFilter
from bot.errors import StorageError
from bot.guilds.guild_settings import Payer
from bot.guilds.setup_steps import SetupProgress, SetupStep
from bot.storage.operation import Statement
from tests.wire.components import button, controls, modal, press_id
from tests.wire.conftest import running_stage
from tests.wire.stage import is_ready, text_of


def title(message):
    return message["embeds"][0]["title"] if message["embeds"] else ""


class AdminsView:
    """The setup page that an admin has in front of them."""

    def __init__(self, stage, user):
        self.stage = stage
        self.user = user
        self.page = {}

    async def open(self, step):
        answer = await self.stage.command(self.user, "easel-admin setup")
        assert answer.private
        self.page = await self.stage.message_of(answer, lambda message: step in title(message))
        return text_of(self.page)

    async def _until(self, words):
        def ready(message):
            return words in f"{title(message)}\n{text_of(message)}"

        self.page = await self.stage.message_of_id(self.user, self.page["id"], ready)
        return text_of(self.page)

    async def press(self, label, words):
        await press_id(self.stage, self.user, self.page, button(self.page, label)["custom_id"])
        return await self._until(words)

    async def choose(self, *values, words):
        (menu,) = [one for one in controls(self.page) if "label" not in one]
        await press_id(self.stage, self.user, self.page, menu["custom_id"], values=list(values))
        return await self._until(words)

    async def form(self, label):
        pressed = await press_id(self.stage, self.user, self.page, button(self.page, label)["custom_id"])
        return await modal(self.stage, pressed)

    async def fill_in(self, label, words, **values):
        shown = await self.form(label)
        await self.stage.do(self.user, "modal", custom_id=shown["custom_id"], values=values)
        return await self._until(words)


def entered(form):
    """Return what a form contains when it is opened, by field name."""
    fields = {one["component"]["custom_id"]: one["component"] for one in form["components"]}
    return {
        name: field.get("value")
        or [one["value"] for one in field.get("options", ()) if one.get("default")]
        or [one["id"] for one in field.get("default_values", ())]
        for name, field in fields.items()
    }


async def make_admin(stage, user):
    role = (await stage.change_world("create_role", name="managers", allow=["MANAGE_GUILD"]))["role"]["id"]
    await stage.change_world("set_roles", user=user, roles=[role])
    return role


async def settings_of(stage):
    return await stage.app._core.guilds.settings(stage.world.guild)


async def check_audit(stage, art):
    """Check that both admins' changes are recorded, with the previous values."""
    changes = await stage.app._core.rule_book.log(AuditFilter(stage.world.guild), 50)
    found = [(one.change.actor, one.change.action, one.change.before, one.change.after) for one in changes]
    members = stage.world.members
    assert (members["olga"], "places.set", {"channels": "everywhere"}, {"channels": art}) in found
    assert (members["olga"], "settings.change", {"payer": "member"}, {"payer": "pool"}) in found
    assert (members["kai"], "settings.change", {"language": None}, {"language": "zh-CN"}) in found
    assert {"limits.set", "limits.remove", "allowance.set"} <= {
        action for actor, action, _, _ in found if actor == members["kai"]
    }


async def answer_at_the_same_time(olga, kai):
    # Two admins answer the same question at the same time: both answers are stored, and in the end both see the same.
    await kai.press("Next", "4 of 6: Budget")
    await olga.press("Skip", "4 of 6: Budget")
    budgets = {"olga": ("1000", "day"), "kai": ("20,000.5", "month")}
    await asyncio.gather(*(
        view.fill_in("Set a budget", "Saved", amount=budgets[view.user][0], every=budgets[view.user][1])
        for view in (olga, kai)
    ))  # fmt: skip
    await kai.press("Back", "3 of 6: Allowance")
    both = await kai.press("Next", "4 of 6: Budget")
    assert "At most 1,000 credits per day" in both
    assert "At most 20,000.5 credits per month" in both
    await kai.press("No budget", "There is no budget.")


async def test_setup_is_begun_by_one_admin_and_finished_by_another_after_a_restart(stage):
    art = (await stage.change_world("create_channel", name="art"))["channel"]
    staff = (await stage.change_world("create_channel", name="notices"))["channel"]
    await stage.change_world("set_permissions", channel=staff, user="bot", deny=["SEND_MESSAGES"])
    managers = await make_admin(stage, "kai")
    olga, kai = AdminsView(stage, "olga"), AdminsView(stage, "kai")

    assert "I can be used in every channel." in await olga.open("1 of 6: Channels")
    assert f"I can only be used in <#{art}>" in await olga.choose(art, words="Saved")
    assert "Use every channel" in [one.get("label") for one in controls(olga.page)]
    await olga.press("Next", "2 of 6: Who pays")
    await olga.choose(Payer.POOL, words="Saved")
    assert (await settings_of(stage)).payer is Payer.POOL
    await olga.press("Next", "3 of 6: Allowance")

    await stage.restart_bot()
    wrong = {"amount": "a lot", "every": "month", "role": [managers], "how": "add"}
    refused = await olga.fill_in("Set an allowance", "An amount is a number of credits", **wrong)
    assert "There is no allowance." in refused
    kept = {"role": [managers], "amount": "a lot", "every": ["month"], "how": ["add"]}
    assert entered(await olga.form("Set an allowance")) == kept

    gone_on = await kai.open("3 of 6: Allowance")
    assert f"<@{stage.world.members['olga']}> got as far as this step" in gone_on
    empty = {"role": [], "amount": [], "every": ["week"], "how": ["fill"]}
    assert entered(await kai.form("Set an allowance")) == empty
    right = {"amount": "2,000", "every": "week", "role": [managers], "how": "fill"}
    given = await kai.fill_in("Set an allowance", "Saved", **right)
    assert entered(await kai.form("Set an allowance")) == empty
    assert f"<@&{managers}>: filled up to 2,000 credits each week" in given
    everyone = await kai.fill_in("Set an allowance", f"<@&{stage.world.guild}>", amount="50", every="day", how="add")
    assert "50 credits more each day" in everyone

    await answer_at_the_same_time(olga, kai)
    await kai.press("Skip", "5 of 6: Log channel")
    assert "There is no log channel" in await kai.choose(staff, words="I can't post in")
    await stage.change_world("set_permissions", channel=staff, user="bot", allow=["SEND_MESSAGES"])
    assert f"log is in <#{staff}>" in await kai.choose(staff, words="Saved")
    await stage.until("olga", lambda messages: [one for one in messages if "chose this channel" in text_of(one)], staff)
    await kai.press("Next", "6 of 6: Language")
    await kai.choose("zh-CN", words="Simplified Chinese")
    ended = await kai.press("Next", "Easel is set up")
    for words in (f"only be used in <#{art}>", "The server's pool pays", "2,000 credits", "There is no budget."):
        assert words in ended
    assert "</imagine:" in ended
    assert "can be changed later" in ended

    await check_audit(stage, art)

    # The setup can be opened again and changed, and a former admin is told why they may not do that.
    await olga.open("Easel is set up")
    await stage.change_world("set_roles", user="kai", roles=[])
    answer = await press_id(stage, "kai", kai.page, button(kai.page, "Channels")["custom_id"])
    assert "Manage Server" in await stage.text(answer)
    no = await stage.command("mira", "imagine", prompt="a fox")
    assert f"this server uses me only in <#{art}>" in await stage.text(no)
    await olga.press("Channels", "1 of 6: Channels")
    await olga.press("Use every channel", "I can be used in every channel.")


async def new_server(stage, owner="olga", name="Harbour"):
    """Let the bot be added to another server, and return it with its first channel."""
    guild = int((await stage.change_world("create_guild", name=name, owner=owner, members=30, age_days=300))["guild"])
    (channel, *_) = [str(one.id) for one in stage.discord.world.channels.values() if one.guild_id == guild]

    async def is_joined():
        def read():
            return (yield Statement("SELECT 1 FROM guild_join WHERE guild = $1 AND greeting = 'over'", guild))

        return bool(await stage.app.database.read(read))

    await stage.writes.until(is_joined)
    return guild, channel


async def offers(stage, user, channel):
    return [one for one in await stage.messages(user, channel) if "New here?" in text_of(one)]


async def test_new_server_works_without_setup_and_offers_it_once_to_the_first_admin(tmp_path):
    async with running_stage(tmp_path) as stage:
        guild, channel = await new_server(stage)
        mira = stage.world.members["mira"]
        await stage.change_world("join", guild=str(guild), user="mira")
        await stage.command("mira", "help", channel=channel)
        assert await offers(stage, "mira", channel) == []

        # The first admin grants credits; nothing else has ever been set.
        grant = {"user": str(mira), "amount": 100_000, "reason": "welcome"}
        first, second = await asyncio.gather(
            stage.command("olga", "easel-admin credits grant", channel=channel, **grant),
            stage.command("olga", "balance", channel=channel),
        )
        await stage.message_of(first)
        await stage.message_of(second)
        (offer,) = await stage.until("olga", lambda seen: [one for one in seen if "New here?" in text_of(one)], channel)
        assert offer["flags"] & 64
        card = await stage.command("mira", "imagine", channel=channel, prompt="a lighthouse")
        await stage.message_of(card, is_ready)
        await stage.restart_bot()
        await stage.message_of(await stage.command("olga", "help", channel=channel))
        assert len(await offers(stage, "olga", channel)) == 1

        began = await press_id(stage, "olga", offer, button(offer, "Set up")["custom_id"])
        assert began.state == "acknowledged"
        page = await stage.message_of_id("olga", offer["id"], lambda message: "1 of 6" in title(message), channel)
        assert "every channel" in text_of(page)


async def test_admin_who_begins_the_setup_is_not_offered_it(tmp_path):
    async with running_stage(tmp_path) as stage:
        _, channel = await new_server(stage)
        await stage.message_of(await stage.command("olga", "easel-admin setup", channel=channel))
        await stage.message_of(await stage.command("olga", "help", channel=channel))
        assert await offers(stage, "olga", channel) == []


async def test_offer_is_taken_only_once_even_if_many_ask_for_it(stage):
    progress = SetupProgress(stage.app.database, stage.app.clock)
    assert sum(await asyncio.gather(*(progress.take_offer(77) for _ in range(20)))) == 1
    assert await progress.of(77) is None
    await progress.reached(77, SetupStep.LOG, by=1)
    assert not await progress.take_offer(77)


@pytest.mark.parametrize("name", ["easel-admin setup", "easel-admin doctor"])
async def test_setup_and_doctor_are_for_admins(stage, name):
    await stage.change_world(
        "set_command_permissions", command="easel-admin", permissions=[{"user": "ada", "allow": True}]
    )
    assert "Manage Server" in await stage.text(await stage.command("ada", name))


async def examined(stage, user="olga"):
    answer = await stage.command(user, "easel-admin doctor")
    assert answer.private
    return await stage.text(answer)


async def test_doctor_finds_problems_in_a_server_and_says_how_to_fix_them(stage, monkeypatch):
    well = await examined(stage)
    assert well.startswith("✅ All is well")
    assert "I checked 5 channels" in well
    assert "There is no log channel" in well  # a hint, with the command that fixes it
    assert "</easel-admin settings:" in well

    art = (await stage.change_world("create_channel", name="art"))["channel"]
    log = (await stage.change_world("create_channel", name="notices"))["channel"]
    role = (await stage.change_world("create_role", name="guests"))["role"]["id"]
    rule = await stage.command("olga", "easel-mod rules add", effect="deny", role=role)
    give = {"role": role, "amount": 100, "every": "each-week", "how": "add"}
    for answer in (rule, await stage.command("olga", "easel-admin allowance add", **give)):
        await stage.message_of(answer)
    await stage.message_of(await stage.command("olga", "easel-admin settings", log_channel=log))
    only = await stage.do("olga", "command", name="easel-admin channel", options={"channel": art, "only_here": True})
    await stage.message_of(only)
    await stage.change_world("delete_role", role=role)
    await stage.change_world("delete_channel", channel=log)
    await stage.change_world("set_permissions", channel=art, user="bot", deny=["ATTACH_FILES"])
    await stage.change_world("set_permissions", channel=art, role="@everyone", deny=["USE_APPLICATION_COMMANDS"])
    await stage.restart_bot()  # the provider is asked at most once a minute
    stage.advance_discord(50)
    await stage.provider_fault("GET", "/v1/predictions/*", times=1, status=401, body={"detail": "no such key"})
    monkeypatch.setattr(probes, "FRESH_S", 86_400)  # a minute of the bot's clock may pass during this test

    ill = await examined(stage)
    for words in (
        "refuses the bot's key",
        f"I don't have the **Attach Files** permission in <#{art}>.",
        "The log channel was deleted",
        "no channel in which members can use me",
        "is for a role that was deleted, so it never applies",
        "Allowance 1 is for a role that was deleted",
        "off by 50 s compared to Discord's",
        "</easel-mod rules remove:",
        "Edit Channel → Permissions",
    ):
        assert words in ill
    assert ill.index("refuses the bot's key") < ill.index("Attach Files") < ill.index("Allowance 1")

    await stage.change_world("delete_channel", channel=art)
    page = await stage.message_of(await stage.command("olga", "easel-admin setup"))
    assert "1 of 6" in title(page)
    worse = await examined(stage)
    assert "All channels in which I may be used were deleted" in worse
    assert "refuses the bot's key" in worse  # although the provider would accept it now

    await stage.message_of(await stage.command("ada", "easel-mod pause", what="everything", reason="a flood"))
    assert "All orders are paused: a flood." in await examined(stage)

    async def gone(_operation):
        raise StorageError(problem="the disk is gone", fix="Bring it back")

    with monkeypatch.context() as patched:
        patched.setattr(stage.app.database, "read", gone)
        patched.setattr(stage.app.database, "run", gone)
        broken = await examined(stage)
    for words in ("does not work: the database", "can't read this server's settings", "refuses the bot's key"):
        assert words in broken
    for secret in ("no such key", "the disk is gone", stage.world.provider_key):
        assert secret not in ill + broken


@pytest.mark.parametrize("hidden", ["#staff", "#moderators"])
async def test_doctor_ignores_channels_that_only_moderators_see_unless_they_are_chosen(stage, hidden):
    await stage.change_world("set_permissions", channel=hidden, user="bot", deny=["VIEW_CHANNEL"])
    assert (await examined(stage)).startswith("✅ All is well")
    chosen = (await stage.get("/_sandbox/world"))["channels"]
    (place,) = [one["id"] for one in chosen if one["name"] == hidden.removeprefix("#")]
    await stage.app._core.rule_book.set_places(stage.world.guild, [int(place)], by=stage.world.members["olga"])
    assert f"I don't have the **View Channel** permission in <#{place}>" in await examined(stage)


async def test_log_channel_that_everyone_sees_is_found(stage):
    general = str(stage.world.channel)
    await stage.message_of(await stage.command("olga", "easel-admin settings", log_channel=general))
    assert f"Everyone can see the log channel <#{general}>" in await examined(stage)


async def test_setup_and_doctor_speak_the_admins_language(stage):
    await make_admin(stage, "theo")
    assert (await examined(stage, "theo")).startswith("✅ 一切正常")
    theo = AdminsView(stage, "theo")
    await theo.open("第 1 步")
    await theo.press("跳过", "谁付积分")
    ended = await theo.choose(Payer.POOL, words="已保存")
    assert "积分池" in ended
