"""Validates interaction responses: which types each interaction allows, and their content.

Source: Discord's documentation, "Receiving and Responding to Interactions".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import cast

from sandbox.discord.rules import message
from sandbox.discord.rules.command_options import MOST_CHOICES, OptionKind, check_choice
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import REQUIRED, Body, FieldErrors, Problem, as_body, refuse_at
from sandbox.discord.rules.modals import check_modal
from sandbox.discord.rules.uploads import Upload

ACKNOWLEDGE_WITHIN_S = 3.0
TOKEN_LIFE_S = 900.0


class InteractionKind(IntEnum):
    """Interaction types, by their numbers in Discord's API."""

    PING = 1
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class CallbackKind(IntEnum):
    """Response types, by their numbers in Discord's API."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE_RESULT = 8
    MODAL = 9
    PREMIUM_REQUIRED = 10
    LAUNCH_ACTIVITY = 12


ANSWERS_TO = {
    InteractionKind.PING: (CallbackKind.PONG,),
    InteractionKind.COMMAND: (CallbackKind.MESSAGE, CallbackKind.DEFERRED_MESSAGE, CallbackKind.MODAL),
    InteractionKind.COMPONENT: (
        CallbackKind.MESSAGE,
        CallbackKind.DEFERRED_MESSAGE,
        CallbackKind.DEFERRED_UPDATE,
        CallbackKind.UPDATE,
        CallbackKind.MODAL,
    ),
    InteractionKind.AUTOCOMPLETE: (CallbackKind.AUTOCOMPLETE_RESULT,),
    InteractionKind.MODAL_SUBMIT: (CallbackKind.MESSAGE, CallbackKind.DEFERRED_MESSAGE),
}
"""A modal opened from a message's component may also update that message. PREMIUM_REQUIRED is deprecated and activities
are not simulated, so neither is accepted."""
UPDATES = (CallbackKind.DEFERRED_UPDATE, CallbackKind.UPDATE)


@dataclass(frozen=True, slots=True)
class InteractionContext:
    """The facts about an interaction that decide which responses are valid.

    `source` is the message that a component (or the modal it opened) belongs to; `option` is the type of the option
    that is being autocompleted.
    """

    kind: InteractionKind
    source: message.Current | None = None
    option: OptionKind = OptionKind.STRING


def check_callback(
    payload: object, files: Sequence[Upload], context: InteractionContext, *, upload_limit: int
) -> CallbackKind:
    """Raise if Discord would reject a response; return the type of a valid one.

    Raises:
        DiscordError: 50035 with paths that begin with `type` or `data`, 50006, 30015, 50045 or 40005.

    """
    kind = _kind_of(payload, context)
    data = cast("dict[str, object]", payload).get("data") if isinstance(payload, dict) else None
    if kind in {CallbackKind.MESSAGE, CallbackKind.UPDATE}:
        _check_message(data, files, context, kind, upload_limit=upload_limit)
    elif kind is CallbackKind.DEFERRED_MESSAGE:
        _check_deferral(data)
    elif kind is CallbackKind.AUTOCOMPLETE_RESULT:
        _check_choices(data, context.option)
    elif kind is CallbackKind.MODAL:
        check_modal(data, FieldErrors().at("data"))
    return kind


def _kind_of(payload: object, context: InteractionContext) -> CallbackKind:
    errors = FieldErrors()
    body = as_body(payload, errors)
    allowed = ANSWERS_TO[context.kind]
    if context.kind is InteractionKind.MODAL_SUBMIT and context.source is not None:
        allowed = (*allowed, *UPDATES)
    if body is not None:
        body.one_of("type", tuple(int(one) for one in allowed), required=True)
    errors.refuse()
    assert body is not None  # noqa: S101 - without errors, an object was read
    return CallbackKind(int(str(body.data["type"])))


def _check_message(
    data: object, files: Sequence[Upload], context: InteractionContext, kind: CallbackKind, *, upload_limit: int
) -> None:
    if data is None:
        raise refuse_at(("data",), REQUIRED) if kind is CallbackKind.MESSAGE else Code.EMPTY_MESSAGE.error()
    place = FieldErrors().at("data")
    if kind is CallbackKind.MESSAGE:
        route = message.Route.INTERACTION
        message.check_create(data, files, upload_limit=upload_limit, route=route, errors=place)
    else:
        message.check_edit(data, context.source or message.NOTHING, files, upload_limit=upload_limit, errors=place)


def _check_deferral(data: object) -> None:
    """Check that a deferral sets no flag except the ephemeral one."""
    if data is None:
        return
    errors = FieldErrors()
    body = as_body(data, errors.at("data"))
    if body is not None:
        flags = body.integer("flags", least=0, most=(1 << 31) - 1) or 0
        if flags & ~message.EPHEMERAL:
            body.add("flags", Problem("MESSAGE_FLAGS_INVALID", "Only EPHEMERAL can be set on a deferred message."))
    errors.refuse()


def _check_choices(data: object, kind: OptionKind) -> None:
    errors = FieldErrors()
    body = as_body({} if data is None else data, errors.at("data"))
    if body is not None:
        if body.data.get("choices") is None:
            body.add("choices", REQUIRED)
        names: set[object] = set()
        for choice in body.children("choices", most=MOST_CHOICES):
            check_choice(choice, kind)
            _note_repeated(choice, names)
    errors.refuse()


def _note_repeated(choice: Body, names: set[object]) -> None:
    """Report a repeated name: members could not tell the choices apart (stricter than Discord, which shows both)."""
    name = choice.data.get("name")
    if name in names:
        choice.add("name", Problem("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value"))
    names.add(name if isinstance(name, str) else None)
