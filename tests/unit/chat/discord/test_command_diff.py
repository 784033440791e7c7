import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.discord.command_diff import Sign, difference, normal, summary
from sandbox.discord.world.command_registry import _normalised


def name_of(definition: dict[str, Any]) -> str:
    return definition["name"]


WORDS = st.text("abcdefgh", min_size=1, max_size=8)
LOCALISED = st.none() | st.dictionaries(st.sampled_from(["zh-CN", "de"]), WORDS, max_size=2)
CHOICES = st.lists(st.fixed_dictionaries({"name": WORDS, "value": WORDS}), max_size=3, unique_by=name_of)
OPTION = st.fixed_dictionaries(
    {"type": st.sampled_from([3, 4]), "name": WORDS, "description": WORDS, "required": st.booleans()},
    optional={"choices": CHOICES, "name_localizations": LOCALISED, "min_value": st.integers(0, 3)},
)
OPTIONS = st.lists(OPTION, max_size=4, unique_by=name_of)
GROUPS = st.lists(
    st.fixed_dictionaries({"type": st.just(1), "name": WORDS, "description": WORDS, "options": OPTIONS}),
    max_size=2,
    unique_by=name_of,
)
COMMAND = st.fixed_dictionaries(
    {
        "type": st.just(1),
        "name": WORDS,
        "description": WORDS,
        "options": OPTIONS | GROUPS,
        "nsfw": st.just(False),
        "dm_permission": st.just(True),
        "default_member_permissions": st.none() | st.sampled_from([0, 8, 32]),
        "contexts": st.sampled_from([[0], [0, 1], [1, 0]]),
        "integration_types": st.just([0]),
        "name_localizations": LOCALISED,
        "description_localizations": LOCALISED,
    }
)
COMMANDS = st.lists(COMMAND, max_size=4, unique_by=name_of)


def command(**changes):
    seed = {"type": 4, "name": "seed", "description": "A number", "required": False, "min_value": 0}
    style = {"type": 3, "name": "style", "description": "Which", "choices": [{"name": "A", "value": "a"}]}
    return {"type": 1, "name": "imagine", "description": "Make", "options": [seed, style], "contexts": [0]} | changes


def changed(**changes) -> list[str]:
    return [str(one) for one in difference([command(**changes)], [command()])]


def as_discord_has_it(payload, *, guild):
    described = _normalised(copy.deepcopy(payload), guild=guild)
    return described | {"id": "7", "version": "8", "application_id": "9"} | ({"guild_id": "1"} if guild else {})


@given(COMMANDS, st.booleans())
def test_unchanged_definitions_equal_those_returned_by_discord(commands, guild):
    if guild:  # a guild's own commands must not have contexts
        commands = [one | {"contexts": None, "integration_types": None} for one in commands]
    assert difference(commands, [as_discord_has_it(one, guild=guild) for one in reversed(commands)]) == ()


@given(COMMAND, COMMAND)
def test_different_definitions_always_differ(one, other):
    other = other | {"name": one["name"]}
    assert (difference([one], [other]) == ()) == (normal(one) == normal(other))


@given(COMMANDS, COMMANDS)
def test_added_commands_are_removed_in_the_opposite_direction(wanted, there):
    def named(changes, sign):
        return {one.command for one in changes if one.sign is sign}

    onward, back = difference(wanted, there), difference(there, wanted)
    assert named(onward, Sign.ADD) == named(back, Sign.REMOVE)
    assert named(onward, Sign.CHANGE) == named(back, Sign.CHANGE)


def test_option_that_becomes_a_subcommand_changes_its_command():
    def command(kind):
        return {"name": "style", "description": "s", "options": [{"name": "list", "description": "l", "type": kind}]}

    assert [str(one) for one in difference([command(1)], [command(3)])] == ["~ /style: option list is a subcommand now"]


def test_removed_command_mentions_the_lost_permissions():
    there = [command(name="old", options=[]), {"type": 3, "name": "Edit it"}]
    assert [str(one) for one in difference([command()], there)] == [
        "- menu “Edit it” (the permissions that admins set for it are lost)",
        "+ /imagine",
        "- /old (the permissions that admins set for it are lost)",
    ]


def test_menu_and_command_with_the_same_name_are_distinct():
    there = [command(name="x", options=[]), {"type": 3, "name": "x"}]
    assert difference(there, there) == ()
    assert len(difference(there[:1], there)) == 1


def test_change_in_an_option_mentions_the_option():
    seed, style = command()["options"]
    assert changed(options=[seed | {"description": "Any number"}, style]) == [
        '~ /imagine: option seed: description "A number" → "Any number"'
    ]
    assert changed(options=[seed | {"min_value": 1}, style]) == ["~ /imagine: option seed: min_value 0 → 1"]
    assert changed(options=[seed | {"min_value": None}, style]) == ["~ /imagine: option seed: min_value 0 → nothing"]
    assert changed(options=[style]) == ["~ /imagine: option seed is gone"]
    assert changed(options=[style, seed]) == ["~ /imagine: options in another order"]
    assert changed(options=[seed, style | {"choices": [{"name": "B", "value": "b"}]}]) == [
        "~ /imagine: option style: choice A is gone",
        "~ /imagine: option style: choice B is new",
    ]


def test_each_changed_translation_is_listed():
    assert changed(name_localizations={"zh-CN": "画"}) == ['~ /imagine: name in zh-CN nothing → "画"']


def test_change_of_required_permissions_is_listed():
    assert changed(default_member_permissions=0) == ['~ /imagine: default_member_permissions nothing → "0"']
    assert changed(contexts=[0, 1]) == ["~ /imagine: contexts [0] → [0, 1]"]


def test_subcommand_is_named_as_people_type_it():
    def style(description):
        return command(name="style", options=[{"type": 1, "name": "list", "description": description}])

    assert [str(one) for one in difference([style("b")], [style("a")])] == ['~ /style list: description "a" → "b"']


def test_summary_of_changes_is_one_line():
    changes = difference([command(description="New", contexts=[0, 1]), command(name="why")], [command()])
    assert summary(changes) == "~ /imagine (2 changes), + /why"


@pytest.mark.parametrize("long", ["x" * 99])
def test_long_values_are_shortened(long):
    (line,) = changed(description=long)
    assert len(line) < 110
