"""Tests of the validation of interaction responses."""

import pytest

from sandbox.discord.rules.command_options import OptionKind
from sandbox.discord.rules.interaction_responses import (
    CallbackKind,
    InteractionContext,
    InteractionKind,
    check_callback,
)
from sandbox.discord.rules.message import COMPONENTS_V2, EPHEMERAL, Current
from sandbox.discord.rules.uploads import MIB, Upload
from tests.sandbox.discord.rules.request_bodies import Json, broken, button, problems, refused, row, select, text

COMMAND = InteractionContext(InteractionKind.COMMAND)
COMPONENT = InteractionContext(InteractionKind.COMPONENT, source=Current("words"))
AUTOCOMPLETE = InteractionContext(InteractionKind.AUTOCOMPLETE)
SUBMIT = InteractionContext(InteractionKind.MODAL_SUBMIT)
SUBMIT_OF_A_COMPONENT = InteractionContext(InteractionKind.MODAL_SUBMIT, source=Current("words"))

INPUT: Json = {"type": 4, "custom_id": "prompt", "style": 2}
MODAL: Json = {
    "title": "Refine",
    "custom_id": "refine",
    "components": [{"type": 18, "label": "What to change", "component": INPUT}],
}
DATA: dict[int, Json | None] = {
    1: None,
    4: {"content": "x"},
    5: None,
    6: None,
    7: {"content": "x"},
    8: {"choices": []},
    9: MODAL,
    10: None,
    12: None,
}


def answer(context: InteractionContext, kind: int, data: object = None, *files: Upload) -> CallbackKind:
    return check_callback({"type": kind, "data": data}, files, context, upload_limit=10 * MIB)


def wrong(context: InteractionContext, kind: int, data: object = None) -> list[tuple[str, str]]:
    return problems(lambda: answer(context, kind, data))


@pytest.mark.parametrize(
    ("context", "legal"),
    [
        (COMMAND, {4, 5, 9}),
        (COMPONENT, {4, 5, 6, 7, 9}),
        (AUTOCOMPLETE, {8}),
        (SUBMIT, {4, 5}),
        (SUBMIT_OF_A_COMPONENT, {4, 5, 6, 7}),
    ],
)
@pytest.mark.parametrize("kind", sorted(DATA))
def test_response_type_must_suit_the_interaction(context: InteractionContext, legal: set[int], kind: int) -> None:
    if kind in legal:
        assert answer(context, kind, DATA[kind]) == kind
    else:
        assert wrong(context, kind, DATA[kind]) == [("type", "BASE_TYPE_CHOICES")]


def test_modal_cannot_answer_a_modal() -> None:
    assert wrong(SUBMIT_OF_A_COMPONENT, CallbackKind.MODAL, MODAL) == [("type", "BASE_TYPE_CHOICES")]


def test_response_requires_a_type() -> None:
    assert problems(lambda: check_callback({}, (), COMMAND, upload_limit=1)) == [("type", "BASE_TYPE_REQUIRED")]
    assert problems(lambda: check_callback([], (), COMMAND, upload_limit=1)) == [("", "MODEL_TYPE_CONVERT")]


class TestMessages:
    def test_message_response_is_validated_below_data(self) -> None:
        assert wrong(COMMAND, 4, {"content": "x" * 2001}) == [("data.content", "BASE_TYPE_MAX_LENGTH")]
        assert wrong(COMMAND, 4) == [("data", "BASE_TYPE_REQUIRED")]
        assert refused(lambda: answer(COMMAND, 4, {})).code == 50006

    def test_message_response_can_be_private_and_v2(self) -> None:
        assert wrong(COMMAND, 4, {"content": "x", "flags": EPHEMERAL}) == []
        assert wrong(COMMAND, 4, {"components": [text()], "flags": EPHEMERAL | COMPONENTS_V2}) == []

    def test_response_files_have_a_size_limit(self) -> None:
        answer(COMMAND, 4, {}, Upload(0, "cat.png", 10 * MIB))
        assert refused(lambda: answer(COMMAND, 4, {}, Upload(0, "cat.png", 11 * MIB))).code == 50045

    def test_update_is_validated_as_an_edit_of_its_message(self) -> None:
        answer(COMPONENT, 7, {"components": []})
        assert refused(lambda: answer(COMPONENT, 7, {"content": ""})).code == 50006
        assert refused(lambda: answer(COMPONENT, 7)).code == 50006
        assert wrong(COMPONENT, 7, {"components": [text()], "flags": COMPONENTS_V2}) == [
            ("data.content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")
        ]


class TestDeferrals:
    @pytest.mark.parametrize("data", [None, {}, {"flags": EPHEMERAL}, {"flags": 0}])
    def test_deferral_accepts_the_ephemeral_flag(self, data: Json | None) -> None:
        assert wrong(COMMAND, 5, data) == []

    @pytest.mark.parametrize("flags", [COMPONENTS_V2, 1 << 12, EPHEMERAL | COMPONENTS_V2])
    def test_deferral_rejects_other_flags(self, flags: int) -> None:
        assert wrong(COMMAND, 5, {"flags": flags}) == [("data.flags", "MESSAGE_FLAGS_INVALID")]


def choices(*names: str, value: object = "v") -> Json:
    return {"choices": [{"name": name, "value": value} for name in names]}


class TestAutocomplete:
    def test_autocomplete_has_at_most_25_choices(self) -> None:
        answer(AUTOCOMPLETE, 8, choices(*(str(n) for n in range(25))))
        assert wrong(AUTOCOMPLETE, 8, choices(*(str(n) for n in range(26)))) == [
            ("data.choices", "BASE_TYPE_MAX_LENGTH")
        ]

    @pytest.mark.parametrize("data", [None, {}, {"choices": None}])
    def test_choices_are_required_but_can_be_empty(self, data: Json | None) -> None:
        answer(AUTOCOMPLETE, 8, {"choices": []})
        assert wrong(AUTOCOMPLETE, 8, data) == [("data.choices", "BASE_TYPE_REQUIRED")]

    def test_choice_names_and_values_have_at_most_100_characters(self) -> None:
        answer(AUTOCOMPLETE, 8, choices("x" * 100, value="y" * 100))
        assert wrong(AUTOCOMPLETE, 8, choices("x" * 101)) == [("data.choices.0.name", "BASE_TYPE_BAD_LENGTH")]
        assert wrong(AUTOCOMPLETE, 8, choices("")) == [("data.choices.0.name", "BASE_TYPE_REQUIRED")]
        assert wrong(AUTOCOMPLETE, 8, choices("x", value="y" * 101)) == [
            ("data.choices.0.value", "BASE_TYPE_MAX_LENGTH")
        ]

    @pytest.mark.parametrize(
        ("kind", "legal", "illegal"),
        [(OptionKind.STRING, "5", 5), (OptionKind.INTEGER, 5, "5"), (OptionKind.NUMBER, 0.5, "x")],
    )
    def test_choice_values_must_have_the_options_type(self, kind: OptionKind, legal: object, illegal: object) -> None:
        context = InteractionContext(InteractionKind.AUTOCOMPLETE, option=kind)
        answer(context, 8, choices("x", value=legal))
        assert wrong(context, 8, choices("x", value=illegal))[0][0] == "data.choices.0.value"

    def test_choice_names_are_unique(self) -> None:
        assert wrong(AUTOCOMPLETE, 8, choices("a", "a")) == [("data.choices.1.name", "SET_TYPE_ALREADY_CONTAINS_VALUE")]


def modal(*controls: Json) -> Json:
    labels = [{"type": 18, "label": "Label", "component": control} for control in controls]
    return {"title": "Title", "custom_id": "id", "components": labels}


def shown(data: object) -> None:
    answer(COMMAND, 9, data)


def not_shown(data: object) -> list[tuple[str, str]]:
    return wrong(COMMAND, 9, data)


CONTROL = "data.components.0.component"


class TestModals:
    @pytest.mark.parametrize(("key", "most"), [("title", 45), ("custom_id", 100)])
    def test_modal_title_and_custom_id_are_validated(self, key: str, most: int) -> None:
        shown(broken(MODAL, key, "x" * most))
        assert not_shown(broken(MODAL, key, "x" * (most + 1))) == [(f"data.{key}", "BASE_TYPE_BAD_LENGTH")]
        assert not_shown(broken(MODAL, key, ...)) == [(f"data.{key}", "BASE_TYPE_REQUIRED")]

    def test_modal_requires_components(self) -> None:
        assert not_shown(None) == [("data", "BASE_TYPE_REQUIRED")]
        assert not_shown({**MODAL, "components": []}) == [("data.components", "BASE_TYPE_REQUIRED")]
        assert not_shown({**MODAL, "components": [text()]}) == [("data.components", "BASE_TYPE_REQUIRED")]

    def test_modal_has_1_to_5_components(self) -> None:
        inputs = [{**INPUT, "custom_id": str(n)} for n in range(6)]
        shown(modal(*inputs[:5]))
        assert not_shown(modal(*inputs)) == [("data.components", "BASE_TYPE_BAD_LENGTH")]

    @pytest.mark.parametrize("component", [button(), INPUT, select(), {"type": 17, "components": [text()]}])
    def test_invalid_components_in_a_modal_are_rejected(self, component: Json) -> None:
        assert not_shown({**MODAL, "components": [component]}) == [("data.components.0", "UNION_TYPE_CHOICES")]
        assert not_shown(modal(button())) == [(CONTROL, "UNION_TYPE_CHOICES")]

    def test_text_inputs_in_rows_are_still_accepted(self) -> None:
        shown({**MODAL, "components": [row({**INPUT, "label": "Words"}), text()]})
        assert not_shown({**MODAL, "components": [row(INPUT)]}) == [
            ("data.components.0.components.0.label", "BASE_TYPE_REQUIRED")
        ]
        assert not_shown({**MODAL, "components": [row(button())]}) == [
            ("data.components.0.components.0", "UNION_TYPE_CHOICES")
        ]

    @pytest.mark.parametrize(
        ("key", "most", "code"), [("label", 45, "BASE_TYPE_BAD_LENGTH"), ("description", 100, "BASE_TYPE_MAX_LENGTH")]
    )
    def test_labels_are_validated(self, key: str, most: int, code: str) -> None:
        shown(broken(MODAL, f"components.0.{key}", "x" * most))
        found = not_shown(broken(MODAL, f"components.0.{key}", "x" * (most + 1)))
        assert found == [(f"data.components.0.{key}", code)]

    def test_text_inputs_are_validated(self) -> None:
        shown(modal({**INPUT, "min_length": 0, "max_length": 4000, "placeholder": "x" * 100, "value": "x" * 4000}))
        assert not_shown(modal({**INPUT, "placeholder": "x" * 101})) == [
            (f"{CONTROL}.placeholder", "BASE_TYPE_MAX_LENGTH")
        ]
        assert not_shown(modal({**INPUT, "max_length": 4001})) == [(f"{CONTROL}.max_length", "NUMBER_TYPE_MAX")]
        assert not_shown(modal({**INPUT, "max_length": 0})) == [(f"{CONTROL}.max_length", "NUMBER_TYPE_MIN")]
        assert not_shown(modal({**INPUT, "min_length": 5, "max_length": 4})) == [
            (f"{CONTROL}.min_length", "NUMBER_TYPE_MAX")
        ]
        assert not_shown(modal({**INPUT, "max_length": 3, "value": "four"})) == [
            (f"{CONTROL}.value", "BASE_TYPE_MAX_LENGTH")
        ]
        assert not_shown(modal({**INPUT, "style": 3})) == [(f"{CONTROL}.style", "BASE_TYPE_CHOICES")]

    def test_selects_in_modals_are_validated(self) -> None:
        shown(modal(select(), {"type": 5, "custom_id": "who", "required": False, "min_values": 0}))
        assert not_shown(modal(select(disabled=True))) == [(f"{CONTROL}.disabled", "COMPONENT_MODAL_DISABLED")]
        assert not_shown(modal(select(min_values=0))) == [(f"{CONTROL}.min_values", "COMPONENT_REQUIRED_MIN_VALUES")]

    def test_file_uploads_are_validated(self) -> None:
        upload = {"type": 19, "custom_id": "files", "min_values": 1, "max_values": 10}
        shown(modal(upload))
        assert not_shown(modal({**upload, "max_values": 11})) == [(f"{CONTROL}.max_values", "NUMBER_TYPE_MAX")]
        assert not_shown(modal({**upload, "min_values": 5, "max_values": 4})) == [
            (f"{CONTROL}.min_values", "NUMBER_TYPE_MAX")
        ]

    def test_radio_and_checkbox_groups_are_validated(self) -> None:
        def options(count: int) -> list[Json]:
            return [{"label": str(n), "value": str(n)} for n in range(count)]

        radio, boxes = {"type": 21, "custom_id": "r"}, {"type": 22, "custom_id": "b"}
        shown(modal({**radio, "options": options(2)}, {**boxes, "options": options(1)}))
        shown(modal({**radio, "options": options(10)}, {"type": 23, "custom_id": "c", "default": True}))
        assert not_shown(modal({**radio, "options": options(1)})) == [(f"{CONTROL}.options", "BASE_TYPE_BAD_LENGTH")]
        assert not_shown(modal({**boxes, "options": options(11)})) == [(f"{CONTROL}.options", "BASE_TYPE_BAD_LENGTH")]
        both = [{**one, "default": True} for one in options(2)]
        assert not_shown(modal({**radio, "options": both})) == [
            (f"{CONTROL}.options", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES")
        ]
        assert not_shown(modal({**boxes, "options": [options(1)[0]] * 2})) == [
            (f"{CONTROL}.options.1.value", "COMPONENT_OPTION_VALUE_DUPLICATED")
        ]

    def test_custom_ids_in_a_modal_are_unique(self) -> None:
        assert not_shown(modal(INPUT, INPUT)) == [
            ("data.components.1.component.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED")
        ]
