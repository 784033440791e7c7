"""Validates messages, new and edited.

Source of the limits: Discord's documentation, "Create Message", "Message Flags" and "Component Reference".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import cast

from sandbox.discord.rules.components import check_classic, check_v2, named_attachments
from sandbox.discord.rules.embeds import check_embeds
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import Body, FieldErrors, Problem, as_body, as_snowflake, bad_length, not_a
from sandbox.discord.rules.mentions import check_allowed
from sandbox.discord.rules.uploads import Upload, check_sizes, stored_name

CONTENT = 2000
NONCE = 25
MOST_ATTACHMENTS = 10
ALT_TEXT = 1024
FILENAME = 1024
MOST_STICKERS = 3
POLL_QUESTION = 300
POLL_ANSWER = 55
MOST_POLL_ANSWERS = 10
LONGEST_POLL_H = 32 * 24

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
SUPPRESS_NOTIFICATIONS = 1 << 12
VOICE_MESSAGE = 1 << 13
COMPONENTS_V2 = 1 << 15

LEGACY_FIELDS = ("content", "embeds", "poll", "sticker_ids", "stickers")
V2_STAYS = Problem(
    "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "The components v2 flag cannot be removed from a message"
)
NO_SUCH_FILE = Problem("ATTACHMENT_NOT_FOUND", "Attachment data not found")
NAMED_TWICE = Problem("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")


class Route(Enum):
    """The route by which a message is sent, with the flags that it may set."""

    CHANNEL = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | VOICE_MESSAGE | COMPONENTS_V2
    INTERACTION = SUPPRESS_EMBEDS | EPHEMERAL | SUPPRESS_NOTIFICATIONS | VOICE_MESSAGE | COMPONENTS_V2
    EDIT = SUPPRESS_EMBEDS | COMPONENTS_V2


@dataclass(frozen=True, slots=True)
class Current:
    """A message's parts before it is edited; `attachments` maps ids to names."""

    content: str = ""
    embeds: int = 0
    components: int = 0
    attachments: Mapping[int, str] = field(default_factory=dict[int, str])
    flags: int = 0
    poll: bool = False
    stickers: int = 0


NOTHING = Current()


def check_create(
    payload: object,
    files: Sequence[Upload] = (),
    *,
    upload_limit: int,
    route: Route = Route.CHANNEL,
    errors: FieldErrors | None = None,
) -> None:
    """Raise if Discord would reject a new message; `upload_limit` is for one file, in bytes.

    `errors` has the message's path in a larger body (a response's `data`).

    Raises:
        DiscordError: 50035 with all problems, 50006, 30015, 50045 or 40005.

    """
    _check(payload, files, NOTHING, upload_limit=upload_limit, route=route, errors=errors or FieldErrors())


def check_edit(
    payload: object,
    current: Current,
    files: Sequence[Upload] = (),
    *,
    upload_limit: int,
    errors: FieldErrors | None = None,
) -> None:
    """Raise if Discord would reject an edit. Absent fields stay as they are.

    Raises:
        DiscordError: as in `check_create`.

    """
    _check(payload, files, current, upload_limit=upload_limit, route=Route.EDIT, errors=errors or FieldErrors())


def _check(
    payload: object, files: Sequence[Upload], current: Current, *, upload_limit: int, route: Route, errors: FieldErrors
) -> None:
    body = as_body(payload, errors)
    if body is None:
        raise errors.error()
    check_sizes(files, upload_limit=upload_limit)
    attached = _check_attachments(body, files, current)
    flags = _check_flags(body, current, route)
    _check_fields(body)
    check_embeds(body, attached=attached)
    check_allowed(body)
    if flags & COMPONENTS_V2:
        check_v2(body, attached=attached)
        _check_no_legacy_fields(body, current)
    else:
        check_classic(body, attached=attached)
    errors.refuse()
    if not _has_content(body.data, current, attached):
        raise Code.EMPTY_MESSAGE.error()


def _check_fields(body: Body) -> None:
    body.text("content", most=CONTENT)
    body.boolean("tts")
    _check_nonce(body)
    stickers = body.items("sticker_ids", most=MOST_STICKERS)
    body.each("sticker_ids", stickers, lambda one: None if as_snowflake(one) is not None else not_a("snowflake", one))
    _check_reference(body)
    _check_poll(body)


def _check_nonce(body: Body) -> None:
    nonce = body.data.get("nonce")
    if nonce is None:
        if body.data.get("enforce_nonce"):
            body.text("nonce", most=NONCE, required=True)
        return
    if isinstance(nonce, bool) or not isinstance(nonce, (str, int)):
        body.add("nonce", not_a("int", nonce))
    elif len(str(nonce)) > NONCE:
        body.add("nonce", bad_length(0, NONCE))


def _check_reference(body: Body) -> None:
    reference = body.child("message_reference")
    if reference is not None:
        reference.snowflake("message_id", required=True)
        reference.snowflake("channel_id")
        reference.snowflake("guild_id")
        reference.boolean("fail_if_not_exists")
        reference.one_of("type", (0, 1))


def _check_poll(body: Body) -> None:
    poll = body.child("poll")
    if poll is None:
        return
    question = poll.child("question", required=True)
    if question is not None:
        question.text("text", most=POLL_QUESTION, required=True)
    poll.integer("duration", least=1, most=LONGEST_POLL_H)
    for answer in poll.children("answers", least=1, most=MOST_POLL_ANSWERS, required=True):
        media = answer.child("poll_media", required=True)
        if media is not None:
            media.text("text", most=POLL_ANSWER, required=True)


def _check_flags(body: Body, current: Current, route: Route) -> int:
    """Read the flags; bits that are already set may be repeated, and V2 can never be removed."""
    allowed = route.value | current.flags
    flags = body.integer("flags", least=0, most=(1 << 31) - 1) or 0
    if flags & ~allowed:
        text = f"Flags {flags & ~allowed} cannot be set here."
        body.add("flags", Problem("MESSAGE_FLAGS_INVALID", text))
    if current.flags & COMPONENTS_V2 and not flags & COMPONENTS_V2:
        if any(key in body.data for key in ("flags", "components")) or any(map(body.has, LEGACY_FIELDS)):
            body.add("flags", V2_STAYS)
        return flags | COMPONENTS_V2
    return flags


def _check_no_legacy_fields(body: Body, current: Current) -> None:
    """Report classic fields next to V2 components, including those that an edit to V2 does not clear."""
    held = {
        "content": bool(current.content),
        "embeds": bool(current.embeds),
        "poll": current.poll,
        "sticker_ids": bool(current.stickers),
    }
    for key in LEGACY_FIELDS:
        stands = bool(body.data[key]) if key in body.data else held.get(key, False)
        if stands:
            body.add(key, _legacy(key))
    becomes_v2 = not current.flags & COMPONENTS_V2
    if becomes_v2 and current.attachments and "attachments" not in body.data:
        shown = named_attachments(body.data.get("components"))
        if not shown.issuperset(current.attachments.values()):
            body.add("attachments", _legacy("attachments"))


def _legacy(key: str) -> Problem:
    text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
    return Problem("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)


def _check_attachments(body: Body, files: Sequence[Upload], current: Current) -> Collection[str]:
    """Check `attachments` against new and existing files, and return the file names after the change.

    Raises:
        DiscordError: 30015 if there are more than ten in total.

    """
    sent = {file.index: file for file in files}
    listed = body.data.get("attachments")
    if listed is None:
        names = [stored_name(file.filename) for file in files]
        remaining = [] if "attachments" in body.data else list(current.attachments.values())
        _limit(len(names) + len(remaining))
        return frozenset(names + remaining)
    _limit(len(cast("list[object]", listed)) if isinstance(listed, list) else 0)
    names: list[str] = []
    seen: set[int] = set()
    for one in body.children("attachments", most=MOST_ATTACHMENTS):
        number = one.snowflake("id", required=True)
        one.text("description", most=ALT_TEXT)
        one.boolean("is_spoiler")
        name = one.text("filename", least=1, most=FILENAME)
        if number is None:
            continue
        if number in seen:
            one.add("id", NAMED_TWICE)
        seen.add(number)
        if number in sent:
            names.append(stored_name(name or sent[number].filename))
        elif number in current.attachments:
            names.append(current.attachments[number])
        else:
            one.errors.add(NO_SUCH_FILE)
    for index in sorted(sent.keys() - seen):
        body.errors.at("attachments").add(Problem("ATTACHMENT_NOT_LISTED", f"files[{index}] is not in attachments"))
    return frozenset(names)


def _limit(count: int) -> None:
    if count > MOST_ATTACHMENTS:
        raise Code.TOO_MANY_ATTACHMENTS.error()


def _has_content(data: Mapping[str, object], current: Current, attached: Collection[str]) -> bool:
    content = str(data["content"] or "") if "content" in data else current.content
    embeds = bool(data["embeds"]) if "embeds" in data else bool(current.embeds)
    components = bool(data["components"]) if "components" in data else bool(current.components)
    others = data.get("poll") or data.get("sticker_ids") or current.poll or current.stickers
    return bool(content.strip() or embeds or components or attached or others)
