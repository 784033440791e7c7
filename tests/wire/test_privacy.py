"""Tests that members can export their data, have it erased and change their mind, and that servers are forgotten."""

import io
import json
import re
import zipfile

from bot.privacy.erasures import DAY_MS, WAITS_DAYS
from bot.storage.operation import Statement
from tests.invariants import assert_ledger_is_sound
from tests.wire.conftest import running_stage
from tests.wire.stage import buttons, is_ready, short_id, text_of
from tests.wire.test_statement import file_of

PROMPT = "a xylophone made of quince jelly"


async def export_of(stage, answer):
    message = await stage.message_of(answer)
    found, content = await file_of(stage, message, ".zip")
    assert found["filename"] == "easel-export.zip"
    archive = zipfile.ZipFile(io.BytesIO(content))
    return message, {name: archive.read(name) for name in archive.namelist()}


async def older(stage, days):
    """Make requests and departures this many days older, as if the days had passed."""
    passed = round(days * DAY_MS)

    def write():
        yield Statement("UPDATE erasure SET due_ms = due_ms - $1", passed)
        yield Statement("UPDATE guild_departure SET left_ms = left_ms - $1", passed)

    await stage.app.database.run(write)


async def count(stage, sql):
    def read():
        return (yield Statement(sql))

    return (await stage.app.database.read(read))[0][0]


async def assert_erased_member_is_seen_nowhere(stage, caplog):
    """Assert that nothing shows the member: Discord would show their pseudonym as a number."""
    seen = {("ada", "easel-mod jobs"), ("olga", "easel-admin statement"), ("olga", "easel-ops statement")}
    shown = {command: await stage.text(await stage.command(user, command)) for user, command in seen}
    assert [command for command, text in shown.items() if "an erased member" not in text] == []
    assert [command for command, text in shown.items() if re.search(r"<@[4-9]\d{18}>", text)] == []
    assert "erased at the member's request" in shown["easel-mod jobs"]
    assert PROMPT not in await stage.text(await stage.command("mira", "history"))
    assert "SECRET_KEY" not in caplog.text  # an erased token is not mistaken for one encrypted with another key


async def test_member_exports_everything_changes_their_mind_and_is_erased(stage, caplog):
    card = await stage.message_of(await stage.command("mira", "imagine", prompt=PROMPT), is_ready)
    await stage.command("mira", "style save", name="mine", template=f"{PROMPT} {{prompt}}")
    await stage.message_of(await stage.command("kai", "imagine", prompt="a lighthouse"), is_ready)
    mira = stage.world.members["mira"]

    answer = await stage.command("mira", "privacy export")
    assert answer.private
    message, files = await export_of(stage, answer)
    assert "README.txt" in text_of(message)
    assert "from all servers" in files["README.txt"].decode()
    (job,) = json.loads(files["data/job.json"])
    assert (job["ordered"]["prompt"], job["member"], job["short_id"]) == (PROMPT, mira, short_id(card))
    assert "token" not in job
    (preset,) = json.loads(files["data/preset.json"])
    assert preset["template"].startswith(PROMPT)
    assert b"flux-schnell" in files["ledger.csv"]
    (picture,) = [name for name in files if name.startswith("files/")]
    assert files[picture]
    assert str(stage.world.members["kai"]).encode() not in b"".join(files.values())
    assert "a moment ago" in await stage.text(await stage.command("mira", "privacy export"))
    _, direct = await export_of(stage, await stage.command("kai", "privacy export", channel="dm:kai"))
    assert PROMPT.encode() not in b"".join(direct.values())

    assert "not asked" in await stage.text(await stage.command("mira", "privacy keep"))
    asked = await stage.message_of(await stage.command("mira", "privacy delete"))
    assert "random number that can't be traced to you" in text_of(asked)
    await stage.press("mira", asked, f"Erase in {WAITS_DAYS} days")
    waiting = await stage.message_of_id("mira", asked["id"], lambda one: len(buttons(one)) == 1)
    assert "will be erased on <t:" in text_of(waiting)
    await stage.press("mira", waiting, "Keep my data")
    await stage.message_of_id("mira", asked["id"], lambda one: "Your data stays" in text_of(one))
    await older(stage, WAITS_DAYS + 1)
    await stage.restart_bot()
    assert await stage.app.jobs.find(stage.world.guild, short_id(card))

    asked = await stage.message_of(await stage.command("mira", "privacy delete", channel="dm:mira"))
    await stage.press("mira", asked, f"Erase in {WAITS_DAYS} days")
    await stage.message_of_id("mira", asked["id"], lambda one: "will be erased on" in text_of(one), "dm:mira")
    again = await stage.message_of(await stage.command("mira", "privacy delete"))
    assert "will be erased on <t:" in text_of(again)
    assert "Your data stays." in await stage.text(await stage.command("mira", "privacy keep"))
    asked = await stage.message_of(await stage.command("mira", "privacy delete"))
    await stage.press("mira", asked, f"Erase in {WAITS_DAYS} days")
    await stage.message_of_id("mira", asked["id"], lambda one: "will be erased on" in text_of(one))
    await older(stage, WAITS_DAYS + 1)
    await stage.restart_bot()
    await stage.job(short_id(card), lambda found: found.job.member != mira)
    assert await count(stage, "SELECT COUNT(*) FROM erasure") == 0
    assert await stage.balance("mira") == (0, 0)
    await assert_erased_member_is_seen_nowhere(stage, caplog)
    label = next(one["label"] for one in buttons(card) if "Reroll" in one["label"] or "Edit" in one["label"])
    assert "no longer exists" in await stage.text(await stage.press("kai", card, label))
    await assert_ledger_is_sound(stage.app.database)


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_server_that_removed_the_bot_is_forgotten_unless_it_comes_back(tmp_path):
    async with running_stage(tmp_path) as stage:
        guild = stage.world.guild
        card = await stage.message_of(await stage.command("mira", "imagine", prompt=PROMPT), is_ready)
        artefacts = stage.folder / "artefacts"
        assert files_in(artefacts)
        await stage.command("olga", "style save", name="ours", template=f"{PROMPT} {{prompt}}")
        await stage.change_world("leave", guild=str(guild), user="bot")
        await stage.writes.until(lambda: departed(stage))
        await stage.change_world("join", guild=str(guild), user="bot")
        await stage.writes.until(lambda: back(stage))
        await stage.change_world("leave", guild=str(guild), user="bot")
        await stage.writes.until(lambda: departed(stage))
        await older(stage, 29)
        await stage.restart_bot()
        assert (await stage.app.jobs.find(guild, short_id(card))).job.order.prompt == PROMPT
        await older(stage, 2)
        await stage.restart_bot()
        await stage.writes.until(lambda: forgotten(stage))
        assert await count(stage, "SELECT COUNT(*) FROM preset") == 0
        assert await count(stage, "SELECT COUNT(*) FROM artefact WHERE removed_ms IS NULL") == 0
        assert files_in(artefacts) == []
        await assert_ledger_is_sound(stage.app.database)
        await stage.change_world("join", guild=str(guild), user="bot")
        servers = await stage.text(await stage.command("olga", "easel-ops guilds"))
        assert "**a forgotten server**" in servers
        assert "a forgotten server · 75" in await stage.text(await stage.command("olga", "easel-ops statement"))
        assert (await stage.app.ledger.pool(guild)).available_mcr == 0  # its first credits are not given again


async def departed(stage):
    return await count(stage, "SELECT COUNT(*) FROM guild_departure") == 1


async def back(stage):
    return await count(stage, "SELECT COUNT(*) FROM guild_departure") == 0


async def forgotten(stage):
    return await count(stage, "SELECT COUNT(*) FROM forgotten_guild") == 1
