"""Decides which users and roles a message pings, from its text, `allowed_mentions` and the reply.

Source: Discord's documentation, "Allowed Mentions". Whether Discord looks for mentions inside code is not documented;
here it does, so that tests notice a bot that relies on code blocks to prevent pings.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import cast

from sandbox.discord.rules.field_checks import Body, FieldErrors, Problem, as_snowflake, not_a, not_one_of

USERS = "users"
ROLES = "roles"
EVERYONE = "everyone"
KINDS = (ROLES, USERS, EVERYONE)
MOST_IDS = 100
TEXT_DISPLAY = 10

_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(everyone|here)\b")


class Origin(Enum):
    """The default of `allowed_mentions`: everything in a bot's message, only users in interactions and webhooks."""

    BOT_MESSAGE = frozenset(KINDS)
    INTERACTION = frozenset({USERS})


@dataclass(frozen=True, slots=True)
class Allowed:
    """The pings that a message allows: whole types, individual ids, and the author of the message replied to."""

    kinds: frozenset[str]
    user_ids: frozenset[int] = frozenset()
    role_ids: frozenset[int] = frozenset()
    replied_user: bool = False


@dataclass(frozen=True, slots=True)
class Mentions:
    """The users and roles that a message mentions and pings, in order of appearance."""

    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    everyone: bool = False


def default_for(origin: Origin) -> Allowed:
    """Return the default of `allowed_mentions`."""
    return Allowed(frozenset(origin.value), replied_user=True)


def read_allowed(payload: Mapping[str, object], origin: Origin) -> Allowed:
    """Read `allowed_mentions` of a valid message; an edit without it gets the default too."""
    raw = payload.get("allowed_mentions")
    if not isinstance(raw, Mapping):
        return default_for(origin)
    allowed = cast("Mapping[str, object]", raw)
    body = Body(allowed, FieldErrors())
    kinds = frozenset(str(kind) for kind in body.items("parse", most=len(KINDS)))
    return Allowed(kinds, _ids(body, USERS), _ids(body, ROLES), replied_user=bool(allowed.get("replied_user")))


def check_allowed(payload: Body) -> None:
    """Check a message's `allowed_mentions`."""
    body = payload.child("allowed_mentions")
    if body is None:
        return
    kinds = body.items("parse", most=len(KINDS))
    body.each("parse", kinds, lambda kind: None if kind in KINDS else not_one_of(KINDS))
    for kind in (USERS, ROLES):
        ids = body.items(kind, most=MOST_IDS)
        body.each(kind, ids, lambda one: None if as_snowflake(one) is not None else not_a("snowflake", one))
        if ids and kind in kinds:
            text = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            body.errors.add(Problem("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text))
    body.boolean("replied_user")


def find(
    content: str,
    allowed: Allowed,
    *,
    may_mention_everyone: bool,
    mentionable_roles: Collection[int] = (),
    replied_to: int | None = None,
) -> Mentions:
    """Find the users and roles that a text pings.

    `may_mention_everyone` is the sender's permission: without it @everyone does nothing, and only roles that anyone
    may mention (`mentionable_roles`) ping. `replied_to` is the author of the message that is replied to.
    """
    users = [
        number for number in map(int, _USER.findall(content)) if USERS in allowed.kinds or number in allowed.user_ids
    ]
    if replied_to is not None and allowed.replied_user:
        users.append(replied_to)
    roles = [
        number
        for number in map(int, _ROLE.findall(content))
        if (ROLES in allowed.kinds or number in allowed.role_ids)
        and (may_mention_everyone or number in mentionable_roles)
    ]
    everyone = EVERYONE in allowed.kinds and may_mention_everyone and bool(_EVERYONE.search(content))
    return Mentions(tuple(dict.fromkeys(users)), tuple(dict.fromkeys(roles)), everyone=everyone)


def texts(payload: Mapping[str, object]) -> str:
    """Join the texts in which mentions count: the content, or the text of Components V2, but not the embeds."""
    found = [str(payload.get("content") or "")]
    waiting: list[object] = [payload.get("components")]
    while waiting:
        here = waiting.pop(0)
        if isinstance(here, list):
            waiting.extend(cast("list[object]", here))
        elif isinstance(here, Mapping):
            component = cast("Mapping[str, object]", here)
            if component.get("type") == TEXT_DISPLAY:
                found.append(str(component.get("content") or ""))
            waiting.append(component.get("components"))
    return "\n".join(found)


def _ids(body: Body, kind: str) -> frozenset[int]:
    numbers = (as_snowflake(value) for value in body.items(kind, most=MOST_IDS))
    return frozenset(number for number in numbers if number is not None)
