"""Validates modals. Source of the limits: Discord's documentation, "Component Reference"."""

from collections.abc import Callable, Mapping

from sandbox.discord.rules.field_checks import REQUIRED, Body, FieldErrors, Problem, as_body
from sandbox.discord.rules.interactive_components import (
    CUSTOM_ID,
    SELECTS,
    Kind,
    Seen,
    check_custom_id,
    check_select,
    of_kind,
)

TITLE = 45
MOST_TOP_LEVEL = 5
LABEL = 45
LABEL_DESCRIPTION = 100
PLACEHOLDER = 100
LONGEST_INPUT = 4000
LONGEST_TEXT = 4000
MOST_UPLOADS = 10
OPTION_TEXT = 100
MOST_GROUP_OPTIONS = 10
LEAST_RADIO_OPTIONS = 2

IN_A_MODAL = (Kind.ACTION_ROW, Kind.TEXT_DISPLAY, Kind.LABEL)
IN_A_LABEL = (Kind.TEXT_INPUT, *SELECTS, Kind.FILE_UPLOAD, Kind.RADIO_GROUP, Kind.CHECKBOX_GROUP, Kind.CHECKBOX)

NOT_DISABLED = Problem("COMPONENT_MODAL_DISABLED", "Components in modals cannot be disabled")
NEEDS_AN_ANSWER = Problem("COMPONENT_REQUIRED_MIN_VALUES", "min_values must be at least 1 where an answer is required")
NO_INPUT = Problem("BASE_TYPE_REQUIRED", "A modal needs something to fill in")


def check_modal(data: object, errors: FieldErrors) -> None:
    """Raise if Discord would not show a modal; paths begin at `errors`.

    Raises:
        DiscordError: 50035 with all problems.

    """
    if data is None:
        errors.add(REQUIRED)
    body = None if data is None else as_body(data, errors)
    if body is not None:
        body.text("title", least=1, most=TITLE, required=True)
        body.text("custom_id", least=1, most=CUSTOM_ID, required=True)
        seen = Seen()
        for one in body.children("components", least=1, most=MOST_TOP_LEVEL, required=True):
            if of_kind(one, IN_A_MODAL):
                _check_top_level(one, seen)
        if body.has("components") and not seen.custom_ids and not errors.found:
            body.add("components", NO_INPUT)
    errors.refuse()


def _check_top_level(body: Body, seen: Seen) -> None:
    kind = body.data["type"]
    if kind == Kind.TEXT_DISPLAY:
        body.text("content", least=1, most=LONGEST_TEXT, required=True)
    elif kind == Kind.ACTION_ROW:
        for child in body.children("components", least=1, most=1, required=True):
            if of_kind(child, (Kind.TEXT_INPUT,)):
                child.text("label", least=1, most=LABEL, required=True)
                _check_text_input(child, seen)
    else:
        _check_label(body, seen)


def _check_label(body: Body, seen: Seen) -> None:
    body.text("label", least=1, most=LABEL, required=True)
    body.text("description", most=LABEL_DESCRIPTION)
    control = body.child("component", required=True)
    if control is None or not of_kind(control, IN_A_LABEL):
        return
    if control.data.get("disabled"):
        control.add("disabled", NOT_DISABLED)
    control.boolean("required")
    _CHECKS[Kind(int(str(control.data["type"])))](control, seen)


def _check_text_input(body: Body, seen: Seen) -> None:
    check_custom_id(body, seen)
    body.one_of("style", (1, 2), required=True)
    least = body.integer("min_length", least=0, most=LONGEST_INPUT)
    most = body.integer("max_length", least=1, most=LONGEST_INPUT)
    if least is not None and most is not None and least > most:
        body.add("min_length", Problem("NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}."))
    body.text("placeholder", most=PLACEHOLDER)
    body.text("value", most=LONGEST_INPUT if most is None else most)


def _check_select(body: Body, seen: Seen) -> None:
    check_select(body, seen)
    _check_required_count(body)


def _check_file_upload(body: Body, seen: Seen) -> None:
    check_custom_id(body, seen)
    _check_bounds(body, MOST_UPLOADS)
    _check_required_count(body)


def _check_radio_group(body: Body, seen: Seen) -> None:
    check_custom_id(body, seen)
    _check_group_options(body, least=LEAST_RADIO_OPTIONS, most_default=1)


def _check_checkbox_group(body: Body, seen: Seen) -> None:
    check_custom_id(body, seen)
    _check_group_options(body, least=1, most_default=MOST_GROUP_OPTIONS)
    _check_bounds(body, MOST_GROUP_OPTIONS)
    _check_required_count(body)


def _check_checkbox(body: Body, seen: Seen) -> None:
    check_custom_id(body, seen)
    body.boolean("default")


def _check_group_options(body: Body, *, least: int, most_default: int) -> None:
    values: set[str] = set()
    chosen = 0
    for option in body.children("options", least=least, most=MOST_GROUP_OPTIONS, required=True):
        option.text("label", least=1, most=OPTION_TEXT, required=True)
        value = option.text("value", least=1, most=OPTION_TEXT, required=True)
        option.text("description", most=OPTION_TEXT)
        chosen += option.boolean("default") is True
        if value is not None and value in values:
            option.add(
                "value", Problem("COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
            )
        values.add(value or "")
    if chosen > most_default:
        body.add("options", Problem("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "Too many options are chosen already"))


def _check_bounds(body: Body, most: int) -> None:
    least = body.integer("min_values", least=0, most=most)
    highest = body.integer("max_values", least=1, most=most)
    if least is not None and highest is not None and least > highest:
        body.add("min_values", Problem("NUMBER_TYPE_MAX", f"int value should be less than or equal to {highest}."))


def _check_required_count(body: Body) -> None:
    if body.data.get("required", True) and body.data.get("min_values") == 0:
        body.add("min_values", NEEDS_AN_ANSWER)


_CHECKS: Mapping[Kind, Callable[[Body, Seen], None]] = {
    Kind.TEXT_INPUT: _check_text_input,
    Kind.FILE_UPLOAD: _check_file_upload,
    Kind.RADIO_GROUP: _check_radio_group,
    Kind.CHECKBOX_GROUP: _check_checkbox_group,
    Kind.CHECKBOX: _check_checkbox,
    **dict.fromkeys(SELECTS, _check_select),
}
