"""Tests of `/help` and `/why`."""

import re

from tests.wire.stage import text_of

VEO = "google/veo-3"


async def private_text(stage, user, name, /, **how) -> str:
    answer = await stage.command(user, name, **how)
    assert answer.private
    return await stage.text(answer)


async def command_id(stage, name) -> str:
    seen = await stage.get("/_sandbox/world", channel=str(stage.world.channel), **{"as": "olga"})
    return next(one["id"] for one in seen["commands"] if one["name"] == name)


async def test_help_has_clickable_commands_and_a_section_for_admins(stage):
    welcome = await private_text(stage, "mira", "help")
    assert f"</imagine:{await command_id(stage, 'imagine')}>" in welcome
    assert "You have 100,000 credits here. Anyone with the Manage Server permission can give you more.\n" in welcome
    assert "\nA picture costs 75 credits" in welcome
    assert "For you as a server admin" not in welcome
    admins = await private_text(stage, "olga", "help")
    assert f"</easel-admin credits grant:{await command_id(stage, 'easel-admin')}>. The pool has 5,000,000" in admins
    assert "</recipe run:" in await private_text(stage, "mira", "help", topic="results")
    shown = await stage.message_of(await stage.command("mira", "help", channel="dm:mira"))
    assert "Order in a server that I'm in" in text_of(shown)


async def test_why_names_the_rule_that_denies_a_model_until_a_moderator_allows_it(stage):
    refused = await private_text(stage, "mira", "video", prompt="waves", model=VEO)
    assert "/why who can change this" in refused
    no = await private_text(stage, "mira", "why", model=VEO)
    assert no.startswith(f"⛔ **No**, you cannot run **veo-3** in <#{stage.world.channel}>.\n")
    assert f"until a moderator allows them. A moderator can allow it: `/easel-mod allow add model:{VEO}`" in no
    assert len(re.findall(r"^[✅⛔⏳] (?!\*\*)", no, re.MULTILINE)) == 12
    await stage.command("ada", "easel-mod allow add", model=VEO)
    now = await private_text(stage, "mira", "why", model=VEO)
    assert "\n✅ Unless a rule forbids it, it is allowed in this server: a moderator turned it on." in now
    assert now.startswith("✅ **Yes**, you can run **veo-3**")
    assert (await private_text(stage, "mira", "why")).startswith("✅ **Yes**, you can run **flux-schnell** in <#")
    unknown = await private_text(stage, "mira", "why", command="imagine", model=VEO)
    assert "this model does video" in unknown


async def test_why_checks_the_permissions_of_the_named_channel(stage):
    there = (await stage.change_world("create_channel", guild=str(stage.world.guild), name="quiet"))["channel"]
    await stage.change_world("set_permissions", channel=there, role="@everyone", deny=["ATTACH_FILES"])
    no = await private_text(stage, "mira", "why", channel=there)
    assert f"I can't post results in <#{there}>: I don't have the Attach Files permission" in no
    assert (await private_text(stage, "mira", "why")).startswith("✅")


async def test_only_moderators_can_ask_why_about_another_member(stage):
    mira = f"<@{stage.world.members['mira']}>"
    refused = await private_text(stage, "kai", "why", user=str(stage.world.members["mira"]))
    assert refused.endswith(": it needs the Manage Messages permission. Anyone here with that permission can do it.")
    assert "100,000" not in refused
    answer = await private_text(stage, "ada", "why", model=VEO, user=str(stage.world.members["mira"]))
    assert answer.startswith(f"⛔ **No**, {mira} cannot run **veo-3**")
    assert "the member has them" in answer
    assert "100,000" not in answer
