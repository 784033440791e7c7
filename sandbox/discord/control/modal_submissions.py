"""Checks and submits modals that members fill in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from sandbox.control_http import refuse
from sandbox.discord.control.control_request import ControlRequest
from sandbox.discord.control.select_choices import ENTITY_SELECTS, SelectChoices
from sandbox.discord.request_body import ReceivedFile
from sandbox.discord.rules.interaction_responses import InteractionKind
from sandbox.discord.world.component_tree import TEXT_INPUT, walk
from sandbox.discord.world.interactions import Request
from sandbox.discord.world.messages import Messages
from sandbox.discord.world.state import Channel, Interaction, Json, Named, User, World

ACTION_ROW, TEXT_DISPLAY, LABEL = 1, 10, 18
FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 19, 21, 22, 23
LONGEST_INPUT = 4_000


@dataclass(frozen=True, slots=True)
class Filling:
    """A member's entries in a modal, and the objects that they refer to."""

    values: Mapping[str, object]
    files: Mapping[str, ReceivedFile]
    channel: Channel
    user: User
    named: Named = field(default_factory=Named)


class ModalSubmissions:
    """Turns `values` (by custom id) into a modal submission; each modal shown can be submitted once."""

    def __init__(self, world: World, messages: Messages, choices: SelectChoices) -> None:
        self._world = world
        self._messages = messages
        self._choices = choices

    async def submit(self, body: ControlRequest, user: User, channel: Channel) -> Request:
        """Submit a modal."""
        parent = self._shown(body, user, channel)
        modal: Json = parent.modal or {}
        filling = Filling(body.mapping("values") or body.mapping("options"), body.files(), channel, user)
        inputs = {one["custom_id"] for one in walk(modal["components"]) if "custom_id" in one}
        for name in (*filling.values, *filling.files):
            if name not in inputs:
                raise refuse(f"{name}: this modal has no such field")
        components = [await self._filled(one, filling) for one in modal["components"]]
        data: Json = {"custom_id": modal["custom_id"], "components": components}
        source = channel.messages.get(parent.source_message_id or 0)
        kind = InteractionKind.MODAL_SUBMIT
        return Request(kind, user.id, channel, data, source=source, parent=parent, named=filling.named)

    def _shown(self, body: ControlRequest, user: User, channel: Channel) -> Interaction:
        wanted = body.optional("custom_id")
        sent = {one.parent_id for one in self._world.interactions.values()}
        for one in reversed(self._world.interactions.values()):
            mine = one.user_id == user.id and one.channel_id == channel.id and one.modal is not None
            if mine and one.id not in sent and one.modal and wanted in {None, one.modal["custom_id"]}:
                return one
        raise refuse(f"{user.name} has no modal open there" + (f" with custom_id {wanted!r}" if wanted else ""))

    async def _filled(self, one: Json, filling: Filling) -> Json:
        if one["type"] == ACTION_ROW:
            inner = [_answered(each, filling.values) for each in one["components"]]
            return {"type": ACTION_ROW, "id": one["id"], "components": inner}
        if one["type"] != LABEL:
            return {"type": one["type"], "id": one["id"]}
        control = one["component"]
        if control["type"] == FILE_UPLOAD:
            return _labelled(one, await self._uploaded(control, filling))
        if control["type"] in ENTITY_SELECTS:
            return _labelled(one, self._selected(control, filling))
        return _labelled(one, _answered(control, filling.values))

    async def _uploaded(self, control: Json, filling: Filling) -> Json:
        file = filling.files.get(control["custom_id"])
        if file is None and control.get("required", True):
            raise refuse(f"{control['custom_id']}: a file is required")
        uploads = [] if file is None else [await self._messages.upload(self._world.application.id, file)]
        filling.named.attachments.extend(uploads)
        return _common_fields(control) | {"values": [str(one.id) for one in uploads]}

    def _selected(self, control: Json, filling: Filling) -> Json:
        """Return the choices in a user, role or channel select; by default, its preselected values."""
        before = [str(one["id"]) for one in control.get("default_values") or ()]
        chosen = _many_of(control, filling.values.get(control["custom_id"], before))
        unknown = set(chosen) - self._choices.legal(control, filling.channel, filling.user)
        if unknown:
            raise refuse(f"{control['custom_id']}: {', '.join(sorted(unknown))} cannot be chosen")
        named = self._choices.named(control, chosen)
        for kind in ("users", "roles", "channels"):
            getattr(filling.named, kind).extend(getattr(named, kind))
        return _common_fields(control) | {"values": chosen}


def _labelled(label: Json, control: Json) -> Json:
    return {"type": LABEL, "id": label["id"], "component": control}


def _common_fields(control: Json) -> Json:
    return {"type": control["type"], "id": control["id"], "custom_id": control["custom_id"]}


def _answered(control: Json, values: Mapping[str, object]) -> Json:
    name = control["custom_id"]
    value = values.get(name, control.get("value"))
    if control["type"] == TEXT_INPUT:
        return _common_fields(control) | {"value": _text(control, "" if value is None else value)}
    if control["type"] == CHECKBOX:
        return _common_fields(control) | {"value": bool(values.get(name, control.get("default", False)))}
    if control["type"] == RADIO_GROUP:
        return _common_fields(control) | {"value": _one_of(control, value)}
    return _common_fields(control) | {"values": _many_of(control, value)}


def _text(control: Json, value: object) -> str:
    name = control["custom_id"]
    if not isinstance(value, str):
        raise refuse(f"{name}: {value!r} is not text")
    if not value:
        if control.get("required", True):
            raise refuse(f"{name}: this field is required")
        return value
    least, most = control.get("min_length") or 0, control.get("max_length") or LONGEST_INPUT
    if not least <= len(value) <= most:
        raise refuse(f"{name}: must be between {least} and {most} characters long")
    return value


def _one_of(control: Json, value: object) -> str | None:
    if value is None and not control.get("required", True):
        return None
    if value not in [option["value"] for option in control["options"]]:
        raise refuse(f"{control['custom_id']}: {value!r} cannot be chosen")
    return str(value)


def _many_of(control: Json, value: object) -> list[str]:
    name = control["custom_id"]
    raw: object = [value] if isinstance(value, str) else value or []
    if not isinstance(raw, list):
        raise refuse(f"{name}: a list is needed")
    chosen = [str(one) for one in cast("list[object]", raw)]
    least = control.get("min_values", 1) if control.get("required", True) else 0
    most = control.get("max_values") or (len(control.get("options") or ()) if control["type"] == CHECKBOX_GROUP else 1)
    if not least <= len(chosen) <= most:
        raise refuse(f"{name}: {least} to {most} must be chosen")
    legal = {option["value"] for option in control.get("options") or ()}
    if legal and not legal.issuperset(chosen):
        raise refuse(f"{name}: {', '.join(sorted(set(chosen) - legal))} cannot be chosen")
    return chosen
