"""Validates AutoMod rules, and fills in what their author left out.

Source: Discord's documentation, "Auto Moderation".
"""

import re
from collections.abc import Collection
from enum import IntEnum
from typing import Any, cast

from sandbox.discord.rules.field_checks import REQUIRED, Body, FieldErrors, Problem, as_body, as_snowflake, not_a


class Trigger(IntEnum):
    """What a rule looks for, by the numbers in Discord's API."""

    KEYWORD = 1
    SPAM = 3
    KEYWORD_PRESET = 4
    MENTION_SPAM = 5
    MEMBER_PROFILE = 6


class Action(IntEnum):
    """What a rule does, by the numbers in Discord's API."""

    BLOCK_MESSAGE = 1
    SEND_ALERT = 2
    TIMEOUT = 3
    BLOCK_MEMBER = 4


MESSAGE_SEND, MEMBER_UPDATE = 1, 2
"""The types of events to which a rule applies."""

MOST_OF_KIND = {
    Trigger.KEYWORD: 6,
    Trigger.SPAM: 1,
    Trigger.KEYWORD_PRESET: 1,
    Trigger.MENTION_SPAM: 1,
    Trigger.MEMBER_PROFILE: 1,
}
MOST_KEYWORDS, KEYWORD = 1_000, 60
MOST_PATTERNS, PATTERN = 10, 260
MOST_ALLOWED = {Trigger.KEYWORD: 100, Trigger.MEMBER_PROFILE: 100, Trigger.KEYWORD_PRESET: 1_000}
PRESETS = (1, 2, 3)
"""Discord's own lists: profanity, sexual content, slurs. Their words are not published."""
MOST_MENTIONS = 50
CUSTOM_MESSAGE = 150
LONGEST_TIMEOUT_S = 2_419_200
MOST_ACTIONS, MOST_EXEMPT_ROLES, MOST_EXEMPT_CHANNELS = 5, 20, 50

TOO_MANY = Problem("AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED", "Maximum number of rules of this type exceeded")
WRONG_EVENT = Problem("AUTO_MODERATION_INVALID_EVENT_TYPE", "This trigger type does not support this event type")
WRONG_ACTION = Problem("AUTO_MODERATION_INVALID_ACTION", "This trigger type does not support this action")
BAD_PATTERN = Problem("AUTO_MODERATION_INVALID_REGEX", "Invalid regular expression")
DUPLICATE = Problem("SET_TYPE_CONTAINS_DUPLICATE", "The list contains duplicates")
UNKNOWN = Problem("AUTO_MODERATION_UNKNOWN_ID", "This guild has nothing with this id")

NOT_IN_RUST = re.compile(r"\(\?(?:[=!>|]|<[=!]|P[=>]|\()|\\[1-9]|\\k")
"""What Rust's regular expressions lack: look-around, back references, atomic groups and conditions."""

Json = dict[str, Any]


def checked_rule(
    payload: object, *, others: Collection[int], roles: Collection[int], channels: Collection[int]
) -> Json:
    """Return a rule as Discord stores it; `others` are the triggers of the guild's other rules.

    Raises:
        DiscordError: 50035 with all problems.

    """
    errors = FieldErrors()
    body = as_body(payload, errors)
    if body is None:
        raise errors.error()
    body.text("name", least=1, most=100, required=True)
    event = body.one_of("event_type", (MESSAGE_SEND, MEMBER_UPDATE), required=True)
    trigger = body.one_of("trigger_type", tuple(int(one) for one in Trigger), required=True)
    body.boolean("enabled")
    _check_ids(body, "exempt_roles", most=MOST_EXEMPT_ROLES, known=roles)
    _check_ids(body, "exempt_channels", most=MOST_EXEMPT_CHANNELS, known=channels)
    metadata: Json = {}
    actions: list[Json] = []
    if isinstance(trigger, int) and event is not None:
        kind = Trigger(trigger)
        _check_kind(body, kind, others, event)
        metadata = _metadata(body, kind)
        actions = [_action(one, kind, channels) for one in body.children("actions", most=MOST_ACTIONS, required=True)]
    errors.refuse()
    kept = {key: body.data[key] for key in ("name", "event_type", "trigger_type")}
    exempt = {key: [str(one) for one in _list(body.data.get(key))] for key in ("exempt_roles", "exempt_channels")}
    given = {"trigger_metadata": metadata, "actions": actions, "enabled": body.data.get("enabled") is True}
    return kept | given | exempt


def _check_kind(body: Body, kind: Trigger, others: Collection[int], event: object) -> None:
    if sum(one == kind for one in others) >= MOST_OF_KIND[kind]:
        body.add("trigger_type", TOO_MANY)
    if event != (MEMBER_UPDATE if kind is Trigger.MEMBER_PROFILE else MESSAGE_SEND):
        body.add("event_type", WRONG_EVENT)


def _check_ids(body: Body, key: str, *, most: int, known: Collection[int]) -> None:
    found = [as_snowflake(one) for one in body.items(key, most=most)]
    for index, (one, value) in enumerate(zip(found, _list(body.data.get(key)), strict=False)):
        if one is None:
            body.errors.at(key, index).add(not_a("snowflake", value))
        elif one not in known:
            body.errors.at(key, index).add(UNKNOWN)
    if len(set(found)) < len(found):
        body.add(key, DUPLICATE)


def _metadata(body: Body, kind: Trigger) -> Json:
    wanted = body.child("trigger_metadata", required=kind is Trigger.KEYWORD_PRESET) or Body({}, body.errors)
    match kind:
        case Trigger.KEYWORD | Trigger.MEMBER_PROFILE:
            return {
                "keyword_filter": _texts(wanted, "keyword_filter", most=MOST_KEYWORDS, longest=KEYWORD),
                "regex_patterns": _patterns(wanted),
                "allow_list": _texts(wanted, "allow_list", most=MOST_ALLOWED[kind], longest=KEYWORD),
            }
        case Trigger.KEYWORD_PRESET:
            presets = wanted.items("presets", most=len(PRESETS))
            wanted.each("presets", presets, lambda one: None if one in PRESETS else not_a("preset", one))
            allowed = _texts(wanted, "allow_list", most=MOST_ALLOWED[kind], longest=KEYWORD)
            return {"presets": list(presets), "allow_list": allowed}
        case Trigger.MENTION_SPAM:
            limit = wanted.integer("mention_total_limit", least=0, most=MOST_MENTIONS) or 0
            raid = wanted.boolean("mention_raid_protection_enabled") is True
            return {"mention_total_limit": limit, "mention_raid_protection_enabled": raid}
        case Trigger.SPAM:
            return {}


def _texts(body: Body, key: str, *, most: int, longest: int) -> list[str]:
    found = body.items(key, most=most)
    body.each(key, found, lambda one: _text_problem(one, longest))
    return [str(one) for one in found]


def _text_problem(value: object, longest: int) -> Problem | None:
    if not isinstance(value, str):
        return Problem("STRING_TYPE_CONVERT", "Could not interpret value as string.")
    if not value.strip():
        return REQUIRED
    if len(value) > longest:
        return Problem("BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {longest} in length.")
    return None


def _patterns(body: Body) -> list[str]:
    patterns = _texts(body, "regex_patterns", most=MOST_PATTERNS, longest=PATTERN)
    body.each("regex_patterns", patterns, lambda one: None if _may_compile(str(one)) else BAD_PATTERN)
    return patterns


def _may_compile(pattern: str) -> bool:
    """Return whether a pattern has balanced brackets and nothing that Rust's regular expressions lack."""
    plain = re.sub(r"\\\\", "", pattern)
    if NOT_IN_RUST.search(re.sub(r"\[(?:\\.|[^\]\\])+\]", "", plain)):
        return False
    bare = re.sub(r"\\.", "", plain)
    if bare.endswith("\\") or bare[:1] in {"*", "+", "?"}:
        return False
    outside = re.sub(r"\[\^?\]?[^\]]*\]", "", bare)
    depth = 0
    for character in outside:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and "[" not in outside


def _action(body: Body, kind: Trigger, channels: Collection[int]) -> Json:
    number = body.one_of("type", tuple(int(one) for one in Action), required=True)
    action = Action(number) if isinstance(number, int) else None
    needs = action in {Action.SEND_ALERT, Action.TIMEOUT}
    metadata = body.child("metadata", required=needs)
    kept: Json = {}
    if action is not None and not _suits(action, kind):
        body.add("type", WRONG_ACTION)
    if metadata is None:
        return {"type": number, "metadata": kept}
    if action is Action.BLOCK_MESSAGE and metadata.text("custom_message", most=CUSTOM_MESSAGE):
        kept = {"custom_message": metadata.data["custom_message"]}
    elif action is Action.SEND_ALERT:
        channel = metadata.snowflake("channel_id", required=True)
        if channel is not None and channel not in channels:
            metadata.add("channel_id", UNKNOWN)
        kept = {"channel_id": str(channel)}
    elif action is Action.TIMEOUT:
        longest = metadata.integer("duration_seconds", least=0, most=LONGEST_TIMEOUT_S, required=True)
        kept = {"duration_seconds": longest}
    return {"type": number, "metadata": kept}


def _suits(action: Action, kind: Trigger) -> bool:
    match action:
        case Action.TIMEOUT:
            return kind in {Trigger.KEYWORD, Trigger.MENTION_SPAM}
        case Action.BLOCK_MEMBER:
            return kind is Trigger.MEMBER_PROFILE
        case Action.BLOCK_MESSAGE:
            return kind is not Trigger.MEMBER_PROFILE
        case Action.SEND_ALERT:
            return True


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
