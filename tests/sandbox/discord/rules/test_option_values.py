"""Tests of how a member's client turns filled-in values into options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules.command_options import OptionKind
from sandbox.discord.rules.option_values import Filled, Known, Refusal, find_option, resolve
from tests.sandbox.discord.rules.request_bodies import Json, command, option

KNOWN = Known(users={1, 2}, roles={3}, channels={4: 0, 5: 2}, files={"image": 9})
IMAGINE = command(
    options=[
        option(3, "prompt", required=True, max_length=20),
        option(4, "count", min_value=1, max_value=4),
        option(10, "strength", min_value=0.0, max_value=1.0),
        option(5, "private"),
        option(3, "shape", choices=[{"name": "Square", "value": "1:1"}, {"name": "Wide", "value": "16:9"}]),
        option(3, "model", autocomplete=True),
        option(6, "who"),
        option(7, "where", channel_types=[0]),
        option(8, "role"),
        option(9, "whom"),
        option(11, "image"),
    ]
)
NESTED = command(
    name="easel-admin",
    options=[
        {
            "type": 2,
            "name": "credits",
            "description": "Credits",
            "options": [
                {"type": 1, "name": "grant", "description": "Give", "options": [option(4, "amount", required=True)]}
            ],
        },
        {"type": 1, "name": "show", "description": "Show"},
    ],
)


def fill(known: Known = Known(), **values: object) -> Filled:  # noqa: B008 - frozen
    return resolve(IMAGINE, "imagine", {"prompt": "a cat", **values}, known)


def value(name: str, given_value: object, known: Known = Known()) -> object:  # noqa: B008 - frozen
    filled = fill(known, **{name: given_value})
    return next(one["value"] for one in filled.options if one["name"] == name)


def refusal(name: str, given_value: object, known: Known = KNOWN) -> str:
    with pytest.raises(Refusal) as caught:
        fill(known, **{name: given_value})
    assert caught.value.option == name
    return caught.value.reason


def test_options_are_sent_with_name_type_and_value() -> None:
    assert fill(count=2).options == [
        {"name": "prompt", "type": 3, "value": "a cat"},
        {"name": "count", "type": 4, "value": 2},
    ]


def test_required_option_cannot_be_omitted() -> None:
    with pytest.raises(Refusal, match="prompt: this option is required"):
        resolve(IMAGINE, "imagine", {"count": 1}, KNOWN)


def test_unknown_option_is_rejected() -> None:
    with pytest.raises(Refusal, match="option steps: this command has no such option"):
        resolve(IMAGINE, "imagine", {"prompt": "x", "steps": 4}, KNOWN)


def test_file_for_an_unknown_option_is_rejected() -> None:
    with pytest.raises(Refusal, match="option mask"):
        resolve(IMAGINE, "imagine", {"prompt": "x"}, Known(files={"mask": 1}))


@pytest.mark.parametrize("prompt", ["", "x" * 21, 5, True])
def test_string_values_are_validated(prompt: object) -> None:
    assert refusal("prompt", prompt)


def test_string_can_have_the_maximum_length() -> None:
    assert value("prompt", "x" * 20) == "x" * 20


@pytest.mark.parametrize("count", [0, 5, 1.5, "many", True, float("nan"), float("inf"), [1], 1 << 60])
def test_integer_values_are_validated(count: object) -> None:
    assert refusal("count", count)


@pytest.mark.parametrize(("typed", "sent"), [(1, 1), (4, 4), ("3", 3), (2.0, 2)])
def test_integers_can_be_typed_as_text(typed: object, sent: int) -> None:
    assert value("count", typed) == sent
    assert isinstance(value("count", typed), int)


def test_numbers_have_bounds() -> None:
    assert value("strength", 0) == 0
    assert value("strength", "0.5") == 0.5
    assert "between 0.0 and 1.0" in refusal("strength", 1.01)


@pytest.mark.parametrize(("typed", "sent"), [(True, True), ("false", False), ("True", True)])
def test_boolean_values_are_validated(typed: object, sent: bool) -> None:
    assert value("private", typed) is sent
    assert refusal("private", "maybe")


def test_value_must_be_one_of_the_choices() -> None:
    assert value("shape", "16:9") == "16:9"
    assert "must be one of 1:1, 16:9" in refusal("shape", "Wide")


def test_autocomplete_does_not_restrict_the_value() -> None:
    assert value("model", "no such model") == "no such model"


@pytest.mark.parametrize(
    ("name", "number", "what"),
    [("who", 1, "users"), ("where", 4, "channels"), ("role", 3, "roles"), ("whom", 2, "users"), ("whom", 3, "roles")],
)
def test_named_users_roles_and_channels_are_resolved(name: str, number: int, what: str) -> None:
    filled = fill(KNOWN, **{name: str(number)})
    assert getattr(filled, what) == (number,)
    assert value(name, number, KNOWN) == str(number)


@pytest.mark.parametrize(("name", "number"), [("who", 3), ("who", "mira"), ("where", 1), ("role", 1), ("whom", 4)])
def test_unknown_objects_cannot_be_named(name: str, number: object) -> None:
    assert refusal(name, number)


def test_channel_of_another_type_is_rejected() -> None:
    assert "type" in refusal("where", 5)


def test_object_named_twice_is_resolved_once() -> None:
    assert fill(KNOWN, who=1, whom=1).users == (1,)


def test_files_are_assigned_by_option() -> None:
    filled = fill(KNOWN)
    assert filled.options[-1] == {"name": "image", "type": 11, "value": "9"}
    assert filled.attachments == (9,)
    assert refusal("image", "cat.png", Known()) == "a file is needed here"


class TestPaths:
    def test_options_are_nested_in_groups_and_subcommands(self) -> None:
        filled = resolve(NESTED, "easel-admin credits grant", {"amount": 5}, Known())
        inner: list[Json] = [{"name": "amount", "type": 4, "value": 5}]
        grant = {"name": "grant", "type": 1, "options": inner}
        assert filled.options == [{"name": "credits", "type": 2, "options": [grant]}]

    def test_subcommand_without_a_group_is_accepted(self) -> None:
        assert resolve(NESTED, "easel-admin show", {}, Known()).options == [{"name": "show", "type": 1, "options": []}]

    @pytest.mark.parametrize("path", ["easel-admin", "easel-admin credits"])
    def test_command_with_subcommands_cannot_be_used_alone(self, path: str) -> None:
        with pytest.raises(Refusal, match="without one of its subcommands"):
            resolve(NESTED, path, {}, Known())

    @pytest.mark.parametrize(
        "path", ["easel-admin nothing", "easel-admin credits show", "easel-admin show more", "other"]
    )
    def test_unknown_command_paths_are_rejected(self, path: str) -> None:
        with pytest.raises(Refusal):
            resolve(NESTED, path, {}, Known())

    def test_option_name_is_not_a_command_path(self) -> None:
        with pytest.raises(Refusal, match="no such subcommand"):
            resolve(IMAGINE, "imagine prompt", {}, Known())

    def test_definitions_can_be_found(self) -> None:
        assert find_option(NESTED, "easel-admin credits grant", "amount")["type"] == 4
        with pytest.raises(Refusal):
            find_option(NESTED, "easel-admin show", "amount")


class TestAutocomplete:
    def focus(self, name: str = "model", **values: object) -> Filled:
        return resolve(IMAGINE, "imagine", values, KNOWN, focused=name)

    def test_partial_value_is_sent_and_marked_as_focused(self) -> None:
        filled = self.focus(model="fl")
        assert {"name": "model", "type": 3, "value": "fl", "focused": True} in filled.options
        assert filled.focused is OptionKind.STRING

    def test_empty_input_is_an_empty_string(self) -> None:
        assert [one["value"] for one in self.focus().options if one.get("focused")] == [""]

    def test_other_options_can_be_missing_or_incomplete(self) -> None:
        names = [one["name"] for one in self.focus(count=99, private=True).options]
        assert "prompt" not in names
        assert "count" not in names
        assert "private" in names

    def test_only_an_autocomplete_option_can_be_focused(self) -> None:
        with pytest.raises(Refusal, match="has no autocomplete"):
            self.focus("prompt")
        with pytest.raises(Refusal, match="no such option"):
            self.focus("nothing")


@given(st.integers(-10, 10), st.integers(-10, 10), st.integers(-12, 12))
def test_number_is_accepted_exactly_within_its_bounds(least: int, most: int, number: int) -> None:
    bounded = command(options=[option(4, "n", min_value=least, max_value=most)])
    try:
        filled = resolve(bounded, "imagine", {"n": number}, Known())
    except Refusal:
        assert not least <= number <= most
    else:
        assert least <= number <= most
        assert filled.options[0]["value"] == number
