"""Validates the options of a slash command: their names, types, nesting and bounds.

Source: Discord's documentation, "Application Commands".
"""

import unicodedata
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import cast

from sandbox.discord.rules.field_checks import Body, Problem, bad_length, not_a, not_one_of
from sandbox.discord.rules.localized import check_localised, check_unlike, localised


class OptionKind(IntEnum):
    """Option types, by their numbers in Discord's API."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTING = (OptionKind.SUB_COMMAND, OptionKind.SUB_COMMAND_GROUP)
WITH_CHOICES = (OptionKind.STRING, OptionKind.INTEGER, OptionKind.NUMBER)
CHANNEL_KINDS = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15)

NAME = 32
DESCRIPTION = 100
MOST_OPTIONS = 25
MOST_CHOICES = 25
CHOICE_NAME = 100
CHOICE_VALUE = 100
LONGEST_TEXT = 6000
LARGEST_NUMBER = (1 << 53) - 1

NAME_PUNCTUATION = frozenset("-_'")
NAME_SCRIPTS = ("DEVANAGARI", "THAI")
"""Scripts that are allowed as a whole, because their vowel signs do not count as letters."""

INVALID_NAME = Problem("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
REQUIRED_FIRST = Problem(
    "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options"
)
MIXED = Problem(
    "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    "Sub-command and sub-command group option types are mutually exclusive to all other types",
)
NAME_TAKEN = Problem("APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists in these options")
CHOICE_TAKEN = Problem(
    "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", "Option choice name already exists in these choices"
)
CHOICE_VALUE_TAKEN = Problem(
    "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_ALREADY_EXISTS", "Option choice value already exists in these choices"
)
CHOICES_AND_AUTOCOMPLETE = Problem(
    "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", "Options with choices cannot have autocomplete"
)
NOT_FOR_THIS_TYPE = Problem("APPLICATION_COMMAND_OPTIONS_FIELD_INVALID", "Not available for this option type")
CONTRADICTION = Problem("APPLICATION_COMMAND_OPTIONS_RANGE_INVALID", "The minimum is larger than the maximum")


def check_texts(body: Body) -> None:
    """Check the name and description of a command or option in every language."""
    _check_name(body, "name")
    body.text("description", least=1, most=DESCRIPTION, required=True)
    check_localised(body, "name_localizations", _name_problem)
    check_localised(body, "description_localizations", _description_problem)


def check_options(body: Body, *, depth: int = 0) -> None:
    """Check the options of a command (depth 0), group (1) or subcommand (1 or 2)."""
    options = list(body.children("options", most=MOST_OPTIONS))
    names: set[str] = set()
    optional_seen = False
    for option in options:
        kind = option.one_of("type", tuple(int(one) for one in OptionKind), required=True)
        check_texts(option)
        name = option.data.get("name")
        if isinstance(name, str) and name in names:
            option.add("name", NAME_TAKEN)
        names.add(str(name))
        if kind is None:
            continue
        required = option.boolean("required") or False
        if required and optional_seen:
            option.errors.add(REQUIRED_FIRST)
        optional_seen = optional_seen or not required
        _check_option(option, OptionKind(cast("int", kind)), body, depth)
    check_unlike(options, NAME_TAKEN)
    kinds = [option.data.get("type") for option in options]
    if any(kind in NESTING for kind in kinds) and not all(kind in NESTING for kind in kinds):
        body.add("options", MIXED)


def size(command: Mapping[str, object]) -> int:
    """Count the characters towards the limit of 8,000; of a string and its translations, only the longest counts."""
    total = _longest(command, "name") + _longest(command, "description")
    for choice in _mappings(command.get("choices")):
        value = choice.get("value")
        total += _longest(choice, "name") + (len(value) if isinstance(value, str) else 0)
    return total + sum(size(option) for option in _mappings(command.get("options")))


def valid_name(name: str) -> bool:
    """Return whether a name is valid: lower case letters, numbers, - _ ' and all characters of some scripts."""
    return 0 < len(name) <= NAME and name == name.lower() and all(map(_in_name, name))


def _check_option(option: Body, kind: OptionKind, parent: Body, depth: int) -> None:
    if kind in NESTING:
        _check_nesting(option, kind, parent, depth)
        return
    if option.has("options"):
        option.add("options", NOT_FOR_THIS_TYPE)
    _check_choices(option, kind)
    _check_range(option, kind)
    _check_lengths(option, kind)
    if option.has("channel_types"):
        if kind is not OptionKind.CHANNEL:
            option.add("channel_types", NOT_FOR_THIS_TYPE)
        values = option.items("channel_types", most=len(CHANNEL_KINDS))
        option.each("channel_types", values, lambda one: None if one in CHANNEL_KINDS else not_one_of(CHANNEL_KINDS))


def _check_nesting(option: Body, kind: OptionKind, parent: Body, depth: int) -> None:
    """Check that groups are at the top level, subcommands there or in a group, and that neither is required."""
    in_group = parent.data.get("type") == OptionKind.SUB_COMMAND_GROUP and depth == 1
    if not (depth == 0 or (in_group and kind is OptionKind.SUB_COMMAND)):
        option.add("type", not_one_of(tuple(int(one) for one in OptionKind if one not in NESTING)))
        return
    if option.data.get("required"):
        option.add("required", NOT_FOR_THIS_TYPE)
    if kind is OptionKind.SUB_COMMAND_GROUP:
        option.items("options", least=1, most=MOST_OPTIONS, required=True)
        for inner in _bodies(option):
            if inner.data.get("type") != OptionKind.SUB_COMMAND:
                inner.add("type", not_one_of((int(OptionKind.SUB_COMMAND),)))
    check_options(option, depth=depth + 1)


def _bodies(option: Body) -> Iterator[Body]:
    for index, inner in enumerate(_mappings(option.data.get("options"))):
        yield Body(inner, option.errors.at("options", index))


def _check_choices(option: Body, kind: OptionKind) -> None:
    for key in ("choices", "autocomplete"):
        if option.data.get(key) and kind not in WITH_CHOICES:
            option.add(key, NOT_FOR_THIS_TYPE)
            return
    option.boolean("autocomplete")
    if option.data.get("autocomplete") and option.data.get("choices"):
        option.add("autocomplete", CHOICES_AND_AUTOCOMPLETE)
    names: set[object] = set()
    values: set[object] = set()
    for choice in option.children("choices", most=MOST_CHOICES):
        check_choice(choice, kind)
        name, value = choice.data.get("name"), choice.data.get("value")
        if name in names:
            choice.errors.add(CHOICE_TAKEN)
        elif isinstance(value, (str, int, float)) and value in values:
            choice.errors.add(CHOICE_VALUE_TAKEN)
        names.add(str(name))
        values.add(str(value) if isinstance(value, str) else repr(value))


def check_choice(choice: Body, kind: OptionKind) -> None:
    """Check one choice of an option: its name, and the type and length of its value."""
    choice.text("name", least=1, most=CHOICE_NAME, required=True)
    check_localised(choice, "name_localizations", _choice_name_problem)
    if kind is OptionKind.STRING:
        choice.text("value", most=CHOICE_VALUE, required=True)
    else:
        _check_number(choice, "value", kind, required=True)


def _check_range(option: Body, kind: OptionKind) -> None:
    numeric = kind in {OptionKind.INTEGER, OptionKind.NUMBER}
    bounds: list[float] = []
    for key in ("min_value", "max_value"):
        if option.has(key) and not numeric:
            option.add(key, NOT_FOR_THIS_TYPE)
        elif option.has(key):
            value = _check_number(option, key, kind)
            bounds += [] if value is None else [value]
    if len(bounds) == len(("min", "max")) and bounds[0] > bounds[1]:
        option.add("min_value", CONTRADICTION)


def _check_lengths(option: Body, kind: OptionKind) -> None:
    for key in ("min_length", "max_length"):
        if option.has(key) and kind is not OptionKind.STRING:
            option.add(key, NOT_FOR_THIS_TYPE)
            return
    least = option.integer("min_length", least=0, most=LONGEST_TEXT)
    most = option.integer("max_length", least=1, most=LONGEST_TEXT)
    if least is not None and most is not None and least > most:
        option.add("min_length", CONTRADICTION)


def _check_number(body: Body, key: str, kind: OptionKind, *, required: bool = False) -> float | None:
    value = body.data.get(key)
    if value is None:
        if required:
            body.add(key, Problem("BASE_TYPE_REQUIRED", "This field is required"))
        return None
    whole = kind is OptionKind.INTEGER
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        body.add(key, not_a("int" if whole else "float", value))
        return None
    number = cast("float", value)
    if abs(number) > LARGEST_NUMBER:
        body.add(key, Problem("NUMBER_TYPE_MAX", f"value should be less than or equal to {LARGEST_NUMBER}."))
        return None
    return number


def _check_name(body: Body, key: str) -> None:
    name = body.text(key, least=1, most=NAME, required=True)
    if name is not None and not valid_name(name):
        body.add(key, INVALID_NAME)


def _name_problem(text: str) -> Problem | None:
    if not 1 <= len(text) <= NAME:
        return bad_length(1, NAME)
    return None if valid_name(text) else INVALID_NAME


def _description_problem(text: str) -> Problem | None:
    return None if 1 <= len(text) <= DESCRIPTION else bad_length(1, DESCRIPTION)


def _choice_name_problem(text: str) -> Problem | None:
    return None if 1 <= len(text) <= CHOICE_NAME else bad_length(1, CHOICE_NAME)


def _in_name(character: str) -> bool:
    if character in NAME_PUNCTUATION or unicodedata.category(character)[0] in {"L", "N"}:
        return True
    return unicodedata.name(character, "").startswith(NAME_SCRIPTS)


def _longest(holder: Mapping[str, object], key: str) -> int:
    texts = [holder.get(key), *localised(holder, f"{key}_localizations").values()]
    return max((len(text) for text in texts if isinstance(text, str)), default=0)


def _mappings(value: object) -> list[Mapping[str, object]]:
    found = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Mapping[str, object]", one) for one in found if isinstance(one, Mapping)]
