"""Tests of the validation of application commands, and of which members see them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules.command_options import size, valid_name
from sandbox.discord.rules.commands import (
    CommandKind,
    Context,
    check_bulk,
    check_command,
    check_create,
    overwritten_for,
    visible_to,
)
from sandbox.discord.rules.localized import LOCALES
from sandbox.discord.rules.permissions import Permission
from tests.sandbox.discord.rules.request_bodies import Json, broken, command, option, problems, refused

STRING, INTEGER, BOOLEAN, CHANNEL, NUMBER, ATTACHMENT = 3, 4, 5, 7, 10, 11


def check(body: object, *, guild: bool = False) -> None:
    check_command(body, guild=guild)


def wrong(body: object, *, guild: bool = False) -> list[tuple[str, str]]:
    return problems(lambda: check(body, guild=guild))


def with_option(kind: int = STRING, **more: Any) -> Json:
    return command(options=[option(kind, **more)])


def sub(name: str = "grant", *options: Json) -> Json:
    return {"type": 1, "name": name, "description": "A subcommand", "options": list(options)}


def group(name: str = "credits", *subs: Json) -> Json:
    return {"type": 2, "name": name, "description": "A group", "options": list(subs)}


def choices(count: int, **more: object) -> list[Json]:
    return [{"name": f"Choice {n}", "value": str(n), **more} for n in range(count)]


class TestNames:
    @pytest.mark.parametrize(
        "name", ["a", "remove-bg", "x_y", "l'art", "x" * 32, "画像", "größe", "हिन्दी", "ภาพ", "2d"]
    )
    def test_valid_names_are_accepted(self, name: str) -> None:
        assert wrong(command(name=name)) == []

    @pytest.mark.parametrize("name", ["Imagine", "has space", "ümlautÜ", "dot.", "sla/sh", "emoji🎨", "naïve!"])
    def test_invalid_names_are_rejected(self, name: str) -> None:
        assert wrong(command(name=name)) == [("name", "APPLICATION_COMMAND_INVALID_NAME")]
        assert wrong(with_option(name=name)) == [("options.0.name", "APPLICATION_COMMAND_INVALID_NAME")]

    def test_name_can_have_32_characters(self) -> None:
        assert wrong(command(name="x" * 33)) == [("name", "BASE_TYPE_BAD_LENGTH")]
        assert wrong(command(name=None)) == [("name", "BASE_TYPE_REQUIRED")]

    @pytest.mark.parametrize("kind", [2, 3])
    def test_menu_command_names_can_have_capitals_and_spaces(self, kind: int) -> None:
        check({"type": kind, "name": "Upscale this 4x!"})
        assert wrong({"type": kind, "name": " Upscale"}) == [("name", "APPLICATION_COMMAND_INVALID_NAME")]
        assert wrong({"type": kind, "name": "x" * 33}) == [("name", "BASE_TYPE_BAD_LENGTH")]

    def test_menu_commands_cannot_have_a_description_or_options(self) -> None:
        assert wrong({"type": 3, "name": "x", "description": "words"}) == [
            ("description", "APPLICATION_COMMAND_INVALID_DESCRIPTION")
        ]
        assert wrong({"type": 2, "name": "x", "options": [option()]}) == [
            ("options", "APPLICATION_COMMAND_INVALID_OPTIONS")
        ]

    def test_there_are_four_command_types(self) -> None:
        assert wrong(command(type=5)) == [("type", "BASE_TYPE_CHOICES")]

    @given(st.text(max_size=40))
    def test_name_must_be_lower_case_and_short(self, name: str) -> None:
        if valid_name(name):
            assert name == name.lower()
            assert 0 < len(name) <= 32
            assert " " not in name


class TestDescriptions:
    def test_description_has_1_to_100_characters(self) -> None:
        check(command(description="x" * 100))
        assert wrong(command(description="x" * 101)) == [("description", "BASE_TYPE_BAD_LENGTH")]
        assert wrong(command(description="")) == [("description", "BASE_TYPE_REQUIRED")]
        assert wrong(with_option(description="x" * 101)) == [("options.0.description", "BASE_TYPE_BAD_LENGTH")]

    def test_only_discords_locales_are_accepted(self) -> None:
        check(command(name_localizations=dict.fromkeys(LOCALES, "bild"), description_localizations={"zh-CN": "画"}))
        assert wrong(command(name_localizations={"de-DE": "bild"})) == [
            ("name_localizations.de-DE", "BASE_TYPE_CHOICES")
        ]

    def test_translations_are_validated_like_the_original(self) -> None:
        found = wrong(command(name_localizations={"de": "Bild"}, description_localizations={"de": "x" * 101}))
        assert found == [
            ("name_localizations.de", "APPLICATION_COMMAND_INVALID_NAME"),
            ("description_localizations.de", "BASE_TYPE_BAD_LENGTH"),
        ]
        menu = {"name": "Upscale", "type": 3, "name_localizations": {"zh-CN": " 放大", "ko": "x" * 33}}
        assert wrong(menu) == [
            ("name_localizations.zh-CN", "APPLICATION_COMMAND_INVALID_NAME"),
            ("name_localizations.ko", "BASE_TYPE_BAD_LENGTH"),
        ]
        check(menu | {"name_localizations": {"zh-CN": "放大 2x"}})

    def test_names_are_unique_in_every_language(self) -> None:
        chinese = {"name_localizations": {"zh-CN": "画"}}
        taken = ("1.name_localizations.zh-CN", "APPLICATION_COMMANDS_DUPLICATE_NAME")
        two = [command(name="draw", **chinese), command(name="paint", **chinese)]
        assert problems(lambda: check_bulk(two, guild=False)) == [taken]
        assert problems(lambda: check_create(two[1], two[:1], guild=False)) == [(taken[0][2:], taken[1])]
        check_create(two[0] | {"description": "anew"}, two[:1], guild=False)
        menu = {"name": "Paint", "type": 3, **chinese}
        check_bulk([two[0], menu], guild=False)
        options = [option(STRING, name="what", **chinese), option(INTEGER, name="count", **chinese)]
        assert wrong(command(options=options)) == [
            ("options.1.name_localizations.zh-CN", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS")
        ]


class TestOptions:
    @pytest.mark.parametrize("kind", range(3, 12))
    def test_every_option_type_is_accepted(self, kind: int) -> None:
        assert wrong(with_option(kind)) == []

    def test_unknown_option_types_are_rejected(self) -> None:
        assert wrong(with_option(12)) == [("options.0.type", "BASE_TYPE_CHOICES")]
        assert wrong(command(options=[broken(option(), "type", ...)])) == [("options.0.type", "BASE_TYPE_REQUIRED")]

    def test_command_has_at_most_25_options(self) -> None:
        many = [option(name=f"o{n}") for n in range(26)]
        check(command(options=many[:25]))
        assert wrong(command(options=many)) == [("options", "BASE_TYPE_MAX_LENGTH")]

    def test_required_options_must_come_first(self) -> None:
        check(command(options=[option(name="a", required=True), option(name="b")]))
        found = wrong(command(options=[option(name="a"), option(name="b", required=True)]))
        assert found == [("options.1", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")]

    def test_required_options_must_come_first_in_subcommands(self) -> None:
        found = wrong(command(options=[sub("grant", option(name="a"), option(name="b", required=True))]))
        assert found == [("options.0.options.1", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")]

    def test_names_are_unique(self) -> None:
        found = wrong(command(options=[option(), option(INTEGER)]))
        assert found == [("options.1.name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS")]

    def test_subcommands_can_share_option_names(self) -> None:
        assert wrong(command(options=[sub("grant", option()), sub("revoke", option())])) == []


class TestNesting:
    def test_groups_and_subcommands_are_accepted(self) -> None:
        assert wrong(command(options=[group("credits", sub("grant", option()), sub("revoke")), sub("show")])) == []

    def test_subcommands_cannot_be_mixed_with_other_options(self) -> None:
        found = wrong(command(options=[sub("grant"), option()]))
        assert found == [("options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")]

    def test_subcommand_cannot_contain_a_subcommand(self) -> None:
        found = wrong(command(options=[sub("grant", sub("more"))]))
        assert ("options.0.options.0.type", "BASE_TYPE_CHOICES") in found

    def test_group_cannot_contain_a_group(self) -> None:
        found = wrong(command(options=[group("credits", group("deeper", sub("x")))]))
        assert ("options.0.options.0.type", "BASE_TYPE_CHOICES") in found

    def test_group_can_contain_only_subcommands(self) -> None:
        assert ("options.0.options.0.type", "BASE_TYPE_CHOICES") in wrong(command(options=[group("c", option())]))
        assert wrong(command(options=[group("c")])) == [("options.0.options", "BASE_TYPE_REQUIRED")]

    def test_each_level_has_at_most_25_options(self) -> None:
        subs = [sub(f"s{n}") for n in range(26)]
        check(command(options=[group("c", *subs[:25])]))
        assert ("options.0.options", "BASE_TYPE_BAD_LENGTH") in wrong(command(options=[group("c", *subs)]))

    def test_subcommand_cannot_be_required(self) -> None:
        found = wrong(command(options=[{**sub("grant"), "required": True}]))
        assert found == [("options.0.required", "APPLICATION_COMMAND_OPTIONS_FIELD_INVALID")]

    def test_ordinary_option_cannot_contain_options(self) -> None:
        found = wrong(with_option(options=[option()]))
        assert found == [("options.0.options", "APPLICATION_COMMAND_OPTIONS_FIELD_INVALID")]


class TestChoices:
    def test_option_has_at_most_25_choices(self) -> None:
        check(with_option(choices=choices(25)))
        assert wrong(with_option(choices=choices(26))) == [("options.0.choices", "BASE_TYPE_MAX_LENGTH")]

    @pytest.mark.parametrize(("key", "code"), [("name", "BASE_TYPE_BAD_LENGTH"), ("value", "BASE_TYPE_MAX_LENGTH")])
    def test_choice_names_and_values_have_at_most_100_characters(self, key: str, code: str) -> None:
        check(with_option(choices=choices(1, **{key: "x" * 100})))
        assert wrong(with_option(choices=choices(1, **{key: "x" * 101}))) == [(f"options.0.choices.0.{key}", code)]

    def test_choice_names_and_values_are_unique(self) -> None:
        assert wrong(with_option(choices=choices(2, name="same"))) == [
            ("options.0.choices.1", "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS")
        ]
        assert wrong(with_option(choices=choices(2, value="same"))) == [
            ("options.0.choices.1", "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_ALREADY_EXISTS")
        ]

    def test_choice_values_must_have_the_options_type(self) -> None:
        check(with_option(INTEGER, choices=choices(1, value=4)))
        check(with_option(NUMBER, choices=choices(1, value=0.5)))
        at = "options.0.choices.0.value"
        assert wrong(with_option(STRING, choices=choices(1, value=4))) == [(at, "STRING_TYPE_CONVERT")]
        assert wrong(with_option(INTEGER, choices=choices(1, value="4"))) == [(at, "NUMBER_TYPE_COERCE")]
        assert wrong(with_option(INTEGER, choices=choices(1, value=0.5))) == [(at, "NUMBER_TYPE_COERCE")]
        assert wrong(with_option(NUMBER, choices=choices(1, value=1 << 60))) == [(at, "NUMBER_TYPE_MAX")]
        assert wrong(with_option(NUMBER, choices=choices(1, value=None))) == [(at, "BASE_TYPE_REQUIRED")]

    def test_choices_and_autocomplete_are_exclusive(self) -> None:
        check(with_option(autocomplete=True))
        check(with_option(autocomplete=True, choices=[]))
        found = wrong(with_option(autocomplete=True, choices=choices(1)))
        assert found == [("options.0.autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES")]

    @pytest.mark.parametrize("kind", [BOOLEAN, CHANNEL, ATTACHMENT])
    def test_only_string_and_number_options_have_choices(self, kind: int) -> None:
        code = "APPLICATION_COMMAND_OPTIONS_FIELD_INVALID"
        assert wrong(with_option(kind, choices=choices(1))) == [("options.0.choices", code)]
        assert wrong(with_option(kind, autocomplete=True)) == [("options.0.autocomplete", code)]


class TestBounds:
    def test_number_bounds_are_validated(self) -> None:
        check(with_option(INTEGER, min_value=1, max_value=4))
        check(with_option(NUMBER, min_value=0.5, max_value=0.5))
        assert wrong(with_option(INTEGER, min_value=0.5)) == [("options.0.min_value", "NUMBER_TYPE_COERCE")]
        assert wrong(with_option(INTEGER, min_value=5, max_value=4)) == [
            ("options.0.min_value", "APPLICATION_COMMAND_OPTIONS_RANGE_INVALID")
        ]
        assert wrong(with_option(STRING, max_value=4)) == [
            ("options.0.max_value", "APPLICATION_COMMAND_OPTIONS_FIELD_INVALID")
        ]

    def test_length_bounds_are_validated(self) -> None:
        check(with_option(STRING, min_length=0, max_length=6000))
        assert wrong(with_option(STRING, max_length=6001)) == [("options.0.max_length", "NUMBER_TYPE_MAX")]
        assert wrong(with_option(STRING, max_length=0)) == [("options.0.max_length", "NUMBER_TYPE_MIN")]
        assert wrong(with_option(STRING, min_length=5, max_length=4)) == [
            ("options.0.min_length", "APPLICATION_COMMAND_OPTIONS_RANGE_INVALID")
        ]
        assert wrong(with_option(INTEGER, min_length=1)) == [
            ("options.0.min_length", "APPLICATION_COMMAND_OPTIONS_FIELD_INVALID")
        ]

    def test_channel_types_are_validated(self) -> None:
        check(with_option(CHANNEL, channel_types=[0, 11]))
        assert wrong(with_option(CHANNEL, channel_types=[0, 99])) == [
            ("options.0.channel_types.1", "BASE_TYPE_CHOICES")
        ]
        assert wrong(with_option(STRING, channel_types=[0])) == [
            ("options.0.channel_types", "APPLICATION_COMMAND_OPTIONS_FIELD_INVALID")
        ]


def big(characters: int) -> Json:
    """Build a command with exactly this many counted characters."""
    body = command(options=[option(name=f"o{n:02}", choices=choices(3, name="n" * 99)) for n in range(20)])
    for number, one in enumerate(body["options"]):
        for index, choice in enumerate(one["choices"]):
            choice.update(name=f"{index:03}", value=f"{number:02}{index}")
    missing = characters - size(body)
    for one in body["options"]:
        for choice in one["choices"]:
            for key in ("name", "value"):
                added = min(missing, 100 - len(choice[key]))
                choice[key] += "x" * added
                missing -= added
    return body


class TestSize:
    def test_command_can_have_8000_characters_and_not_one_more(self) -> None:
        assert size(big(8000)) == 8000
        check(big(8000))
        assert wrong(big(8001)) == [("", "APPLICATION_COMMAND_TOO_LARGE")]

    def test_only_the_longest_translation_counts(self) -> None:
        plain = command(name="abc", description="four")
        assert size(plain) == 7
        assert size({**plain, "name_localizations": {"de": "abcde", "fr": "ab"}}) == 9

    def test_numbers_do_not_count_towards_the_size(self) -> None:
        assert size(command(name="a", description="b", options=[])) == 2
        assert size({"choices": [{"name": "one", "value": 1}]}) == 3


class TestPlaces:
    def test_global_command_can_have_contexts_and_integration_types(self) -> None:
        check(command(contexts=[0, 1], integration_types=[0]))
        check(command(contexts=None, integration_types=None))
        assert wrong(command(contexts=[3])) == [("contexts.0", "BASE_TYPE_CHOICES")]
        assert wrong(command(integration_types=[2])) == [("integration_types.0", "BASE_TYPE_CHOICES")]
        assert wrong(command(contexts=[])) == [("contexts", "BASE_TYPE_BAD_LENGTH")]

    def test_private_channels_do_not_require_a_user_install(self) -> None:
        assert wrong(command(contexts=[0, 1, 2], integration_types=[0])) == []

    def test_guild_command_cannot_have_contexts_and_ignores_integration_types(self) -> None:
        check(command(dm_permission=True, integration_types=[0, 1]), guild=True)
        assert wrong(command(contexts=[0]), guild=True) == [("contexts", "APPLICATION_COMMAND_GUILD_ONLY_FIELD")]

    def test_default_permissions_must_be_a_bit_set(self) -> None:
        for legal in ("0", "8192", 8192, None):
            check(command(default_member_permissions=legal))
        assert wrong(command(default_member_permissions="all")) == [
            ("default_member_permissions", "NUMBER_TYPE_COERCE")
        ]
        assert wrong(command(default_member_permissions=str(1 << 60))) == [
            ("default_member_permissions", "BITFIELD_TYPE_INVALID")
        ]


class TestBulk:
    def test_command_list_is_validated_item_by_item(self) -> None:
        found = problems(lambda: check_bulk([command(), command(name="BAD"), 5], guild=False))
        assert found == [("1.name", "APPLICATION_COMMAND_INVALID_NAME"), ("2", "MODEL_TYPE_CONVERT")]

    def test_names_are_unique_within_a_command_type(self) -> None:
        check_bulk([command(name="same"), {"type": 2, "name": "same"}, {"type": 3, "name": "same"}], guild=False)
        found = problems(lambda: check_bulk([command(), command(type=1)], guild=False))
        assert found == [("1", "APPLICATION_COMMANDS_DUPLICATE_NAME")]

    @pytest.mark.parametrize(("kind", "most"), [(1, 100), (2, 15), (3, 15)])
    def test_each_command_type_has_a_maximum(self, kind: int, most: int) -> None:
        def some(count: int) -> list[Json]:
            bodies = [command(type=kind, name=f"c{n}") for n in range(count)]
            return bodies if kind == CommandKind.CHAT_INPUT else [broken(one, "description", ...) for one in bodies]

        check_bulk(some(most), guild=True)
        assert refused(lambda: check_bulk(some(most + 1), guild=True)).code == 30032

    def test_command_list_must_be_a_list(self) -> None:
        assert problems(lambda: check_bulk(command(), guild=False)) == [("", "LIST_TYPE_CONVERT")]

    def test_creating_a_command_replaces_the_one_with_the_same_name(self) -> None:
        existing = [command(name=f"c{n}") for n in range(100)]
        check_create(command(name="c5"), existing, guild=False)
        assert refused(lambda: check_create(command(name="new"), existing, guild=False)).code == 30032


USE = int(Permission.USE_APPLICATION_COMMANDS)
MANAGE = int(Permission.MANAGE_MESSAGES)


class TestVisible:
    def test_command_without_default_permissions_is_visible_to_everyone_who_can_use_commands(self) -> None:
        assert visible_to(command(), USE)
        assert not visible_to(command(), 0)

    def test_all_default_permissions_are_required(self) -> None:
        guarded = command(default_member_permissions=str(MANAGE | Permission.MANAGE_GUILD))
        assert not visible_to(guarded, USE | MANAGE)
        assert visible_to(guarded, int(USE | MANAGE | Permission.MANAGE_GUILD))

    def test_zero_permissions_mean_administrators_only(self) -> None:
        guarded = command(default_member_permissions="0")
        assert not visible_to(guarded, USE | MANAGE)
        assert visible_to(guarded, int(Permission.ADMINISTRATOR))

    def test_guild_overrides_replace_the_default_permissions(self) -> None:
        guarded = command(default_member_permissions="0")
        assert visible_to(guarded, USE, overwritten=True)
        assert not visible_to(command(), USE, overwritten=False)
        assert visible_to(command(), int(Permission.ADMINISTRATOR), overwritten=False)

    def test_command_is_visible_only_in_its_contexts(self) -> None:
        guild_only = command(contexts=[0])
        assert visible_to(guild_only, USE)
        assert not visible_to(guild_only, USE, context=Context.BOT_DM)
        assert visible_to(command(contexts=[0, 1]), 0, context=Context.BOT_DM)
        assert not visible_to(command(dm_permission=False), USE, context=Context.BOT_DM)
        assert visible_to(command(), USE, context=Context.BOT_DM)


GUILD, ARTIST, MIRA, STUDIO = 10, 20, 30, 40


def overwritten(*rules: tuple[int, int, bool]) -> bool | None:
    listed = [{"type": kind, "id": str(number), "permission": permission} for kind, number, permission in rules]
    return overwritten_for(listed, guild_id=GUILD, user_id=MIRA, role_ids=[ARTIST], channel_id=STUDIO)


def test_member_override_wins_over_role_and_everyone_overrides() -> None:
    everyone_no, artists_yes, mira_no = (1, GUILD, False), (1, ARTIST, True), (2, MIRA, False)
    assert overwritten() is None
    assert overwritten(everyone_no) is False
    assert overwritten(everyone_no, artists_yes) is True
    assert overwritten(everyone_no, artists_yes, mira_no) is False


def test_channel_override_wins_over_the_override_for_all_channels() -> None:
    nowhere, here = (3, GUILD - 1, False), (3, STUDIO, True)
    assert overwritten(nowhere) is False
    assert overwritten(nowhere, here) is None
    assert overwritten(nowhere, here, (1, ARTIST, True)) is True
    assert overwritten((3, STUDIO, False), (2, MIRA, True)) is False
