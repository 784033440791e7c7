import pytest

from bot.errors import InvalidOrder, NotFound
from bot.money import milli
from bot.preferences import preference_rows
from bot.preferences import preferences as module
from bot.preferences.preference_records import CONFIRM_ABOVE_MCR, SAME_AS_DISCORD, Preference, Preset, Threshold
from bot.preferences.preferences import Preferences
from tests.manual_clock import ManualClock
from tests.new_database import open_new

GUILD, OTHER_GUILD, MIRA, KAI = 1, 2, 30, 31


@pytest.fixture
async def preferences(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    yield Preferences(database, ManualClock())
    await database.close()


async def test_default_threshold_applies_if_nothing_is_set(preferences):
    assert await preferences.of(GUILD, MIRA) == Preference(models={})
    assert await preferences.threshold(GUILD, MIRA) == Threshold(milli(5_000), "default")


async def test_members_threshold_overrides_the_guilds_and_the_guilds_the_default(preferences):
    await preferences.set_for_guild(GUILD, by=9, confirm_above_mcr=7)
    await preferences.set(GUILD, MIRA, Preference(confirm_above_mcr=0))
    assert await preferences.threshold(GUILD, MIRA) == Threshold(0, "own")
    assert await preferences.threshold(GUILD, KAI) == Threshold(7, "guild")
    assert (await preferences.threshold(OTHER_GUILD, MIRA)).mcr == CONFIRM_ABOVE_MCR


async def test_preferences_are_read_from_the_database_once_until_they_change(preferences):
    reads, real = [], preferences._database.read

    async def counted(operation):
        reads.append(operation)
        return await real(operation)

    preferences._database.read = counted
    await preferences.of(GUILD, MIRA)
    assert (await preferences.threshold(GUILD, MIRA)).mcr == CONFIRM_ABOVE_MCR
    assert len(reads) == 1
    await preferences.set(GUILD, MIRA, Preference(confirm_above_mcr=3))
    await preferences.set_for_guild(GUILD, by=9, confirm_above_mcr=7)
    assert await preferences.threshold(GUILD, MIRA) == Threshold(3, "own")
    await preferences.set(GUILD, MIRA, Preference(), reset=True)
    assert await preferences.threshold(GUILD, MIRA) == Threshold(7, "guild")
    await preferences.reset_guild(GUILD, by=9)
    assert await preferences.threshold(GUILD, MIRA) == Threshold(CONFIRM_ABOVE_MCR, "default")


async def test_preferences_that_change_during_a_read_are_not_cached_as_they_were(preferences):
    real = preferences._database.read

    async def slow(operation):
        found = await real(operation)
        preferences._database.read = real
        await preferences.set(GUILD, MIRA, Preference(aspect="1:1"))
        return found

    preferences._database.read = slow
    assert (await preferences.of(GUILD, MIRA)).aspect is None
    assert (await preferences.of(GUILD, MIRA)).aspect == "1:1"


@pytest.mark.parametrize("forget", [lambda one: one.forget_member(MIRA), lambda one: one.forget_guild(GUILD)])
async def test_erased_preferences_are_read_again(preferences, forget):
    await preferences.set(GUILD, MIRA, Preference(aspect="1:1"))
    assert (await preferences.of(GUILD, MIRA)).aspect == "1:1"
    await preferences._database.run(lambda: preference_rows.forget(GUILD, MIRA))  # as the erasure does
    forget(preferences)
    assert (await preferences.of(GUILD, MIRA)).aspect is None


async def test_preferences_of_many_members_do_not_fill_the_memory(preferences, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 4)
    for member in range(100, 110):
        await preferences.of(GUILD, member)
        assert len(preferences._known) <= 5
    assert (await preferences.of(GUILD, 100)).aspect is None


async def test_language_is_known_at_once_and_after_a_restart(preferences):
    await preferences.set(GUILD, MIRA, Preference(language="zh-CN"))
    await preferences.set_for_guild(GUILD, by=9, language="en")
    assert (preferences.language(GUILD, MIRA), preferences.language(GUILD, 0)) == ("zh-CN", "en")
    later = Preferences(preferences._database, ManualClock())
    assert later.language(GUILD, MIRA) is None
    await later.load()
    assert (later.language(GUILD, MIRA), later.language(GUILD, 0)) == ("zh-CN", "en")
    assert later.language(OTHER_GUILD, MIRA) is None


async def test_language_is_reset_alone_or_with_all_preferences(preferences):
    await preferences.set(GUILD, MIRA, Preference(aspect="1:1", language="zh-CN"))
    assert (await preferences.set(GUILD, MIRA, Preference(language=SAME_AS_DISCORD))).aspect == "1:1"
    assert preferences.language(GUILD, MIRA) is None
    await preferences.set(GUILD, MIRA, Preference(language="zh-CN"))
    await preferences.set(GUILD, MIRA, Preference(), reset=True)
    assert preferences.language(GUILD, MIRA) is None


async def test_direct_messages_use_a_language_chosen_in_every_guild(preferences):
    assert preferences.language(None, MIRA) is None
    await preferences.set(GUILD, MIRA, Preference(language="zh-CN"))
    assert preferences.language(None, MIRA) == "zh-CN"
    await preferences.set(OTHER_GUILD, MIRA, Preference(language="en"))
    assert preferences.language(None, MIRA) is None


async def test_unset_preferences_stay_unchanged(preferences):
    await preferences.set(GUILD, MIRA, Preference(aspect="16:9", models={"imagine": "a"}))
    said = await preferences.set(GUILD, MIRA, Preference(visibility="dm", models={"video": "b"}))
    assert said == Preference("16:9", "dm", None, None, {"imagine": "a", "video": "b"})
    await preferences.set(GUILD, MIRA, Preference(), reset=True)
    assert await preferences.of(GUILD, MIRA) == Preference(models={})


async def test_members_preset_overrides_the_guilds_of_the_same_name(preferences):
    await preferences.save(GUILD, 0, Preset("noir", "guild {prompt}"), by=1)
    await preferences.save(GUILD, MIRA, Preset("noir", "own {prompt}"), by=MIRA)
    assert (await preferences.preset(GUILD, MIRA, " NOIR ")).template == "own {prompt}"
    assert (await preferences.preset(GUILD, KAI, "noir")).guilds
    await preferences.delete(GUILD, MIRA, "noir")
    assert (await preferences.preset(GUILD, MIRA, "noir")).template == "guild {prompt}"
    with pytest.raises(NotFound):
        await preferences.delete(GUILD, MIRA, "noir")


async def test_number_of_presets_is_limited_but_each_can_be_changed(preferences, monkeypatch):
    monkeypatch.setattr(module, "MAX_PRESETS", 1)
    await preferences.save(GUILD, MIRA, Preset("noir", "a"), by=MIRA)
    await preferences.save(GUILD, MIRA, Preset("noir", "b"), by=MIRA)
    with pytest.raises(InvalidOrder):
        await preferences.save(GUILD, MIRA, Preset("rain", "a"), by=MIRA)


@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        ("{prompt}, film noir", "a cat, film noir"),
        ("film noir", "film noir a cat"),
        ("{prompt} and {prompt}", "a cat and a cat"),
        ("{0} {prompt.__class__} {prompt}", "{0} {prompt.__class__} a cat"),
    ],
)
def test_prompt_replaces_the_placeholder_and_nothing_else(template, prompt):
    assert Preset("noir", template).prompt("a cat") == prompt
