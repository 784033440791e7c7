"""Builds modals and reads submitted ones from the interaction alone.

discord.py ignores a submitted modal that it did not show itself, such as one from before a restart (ui/view.py,
ViewStore.dispatch_modal). Therefore the `custom_id` says what a modal is about, and each modal is finished before it is
shown, so that discord.py does not store it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import discord

from bot.chat.cards.custom_ids import PREFIX_OF_ALL, CustomId
from bot.chat.discord_limits import SELECT_OPTIONS

FIELD, CHOICE, FILE = "text", "choice", "file"
TEXT_CHARACTERS = 4_000
"""The maximum number of characters that Discord allows in a text input."""

TITLE_CHARACTERS = 45
LABEL_CHARACTERS = 45
HINT_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class ModalSelect:
    """A select below the text of a modal. The first option is preselected; options after the 25th are dropped.

    `options` maps each value to the text that people read.
    """

    label: str
    hint: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FormText:
    """A short text input of a form, with the text that it already contains."""

    name: str
    label: str
    hint: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class FormSelect:
    """A select of a form. `options` maps each value to the text that people read.

    The `chosen` value is preselected, or the first one if `chosen` is not among them.
    """

    name: str
    label: str
    options: Mapping[str, str]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class FormRole:
    """A select for one of the server's roles, or none. `chosen` is the id of the preselected role, or empty."""

    name: str
    label: str
    hint: str
    chosen: str = ""


FormField = FormText | FormSelect | FormRole

SHORT_CHARACTERS = 40
"""The maximum length of a short input's text."""


def form(about: CustomId, *, title: str, fields: Sequence[FormField]) -> discord.ui.Modal:
    """Return a modal with up to five fields, which `form_values` reads by their names."""
    made = discord.ui.Modal(title=title[:TITLE_CHARACTERS], custom_id=str(about), timeout=None)
    for field in fields:
        hint = None if isinstance(field, FormSelect) else field.hint[:HINT_CHARACTERS] or None
        made.add_item(discord.ui.Label(text=field.label[:LABEL_CHARACTERS], description=hint, component=_field(field)))
    made.stop()
    return made


def _field(field: FormField) -> discord.ui.Item[Any]:
    if isinstance(field, FormRole):
        chosen = [discord.Object(int(field.chosen), type=discord.Role)] if field.chosen else []
        return discord.ui.RoleSelect[Any](custom_id=field.name, required=False, min_values=0, default_values=chosen)
    if isinstance(field, FormText):
        return discord.ui.TextInput[Any](
            custom_id=field.name, default=field.text or None, max_length=SHORT_CHARACTERS, required=True
        )
    chosen = field.chosen if field.chosen in field.options else next(iter(field.options))
    options = [
        discord.SelectOption(label=name, value=value, default=value == chosen) for value, name in field.options.items()
    ]
    return discord.ui.Select[Any](custom_id=field.name, options=options)


def modal(
    about: CustomId, *, title: str, label: str, text: str, choice: ModalSelect | None = None, required: bool = True
) -> discord.ui.Modal:
    """Return a modal with a text input that already contains `text`, and with a select if `choice` has options."""
    made = discord.ui.Modal(title=title[:TITLE_CHARACTERS], custom_id=str(about), timeout=None)
    field = discord.ui.TextInput[Any](
        custom_id=FIELD,
        style=discord.TextStyle.paragraph,
        default=text[:TEXT_CHARACTERS] or None,
        max_length=TEXT_CHARACTERS,
        required=required,
    )
    made.add_item(discord.ui.Label(text=label[:LABEL_CHARACTERS], component=field))
    if choice is not None and choice.options:
        made.add_item(_select(choice))
    made.stop()
    return made


def file_modal(about: CustomId, *, title: str, label: str) -> discord.ui.Modal:
    """Return a modal in which one file is uploaded."""
    made = discord.ui.Modal(title=title[:TITLE_CHARACTERS], custom_id=str(about), timeout=None)
    made.add_item(discord.ui.Label(text=label[:LABEL_CHARACTERS], component=discord.ui.FileUpload(custom_id=FILE)))
    made.stop()
    return made


def _select(choice: ModalSelect) -> discord.ui.Label[Any]:
    options = [
        discord.SelectOption(label=name, value=value, default=number == 0)
        for number, (value, name) in enumerate(list(choice.options.items())[:SELECT_OPTIONS])
    ]
    select = discord.ui.Select[Any](custom_id=CHOICE, options=options)
    hint = choice.hint[:HINT_CHARACTERS]
    return discord.ui.Label(text=choice.label[:LABEL_CHARACTERS], description=hint, component=select)


def custom_id_of(interaction: discord.Interaction[Any]) -> str | None:
    """Return the `custom_id` of the submitted modal; None if this interaction does not submit one of Easel's."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    name = str(_data(interaction).get("custom_id", ""))
    return name if name.startswith(PREFIX_OF_ALL) else None


def text_of(interaction: discord.Interaction[Any]) -> str:
    """Return all text typed into a modal, even if another version of Easel showed it."""
    return "\n".join(_texts(_data(interaction).get("components"))).strip()


def file_of(interaction: discord.Interaction[Any]) -> Mapping[str, Any]:
    """Return the file uploaded in a modal, as Discord describes attachments; empty if there is none."""
    resolved = cast("Mapping[str, Mapping[str, Mapping[str, Any]]]", _data(interaction).get("resolved") or {})
    uploaded = resolved.get("attachments") or {}
    found = [uploaded[name] for name in _values(_data(interaction).get("components")) if name in uploaded]
    return found[0] if found else {}


def form_values(interaction: discord.Interaction[Any]) -> Mapping[str, str]:
    """Return the values entered in a form, by the names of its fields; an empty string for each empty field."""
    found: dict[str, str] = {}
    for part in _parts(_data(interaction).get("components")):
        if "custom_id" in part:
            values = cast("Sequence[object]", part.get("values") or ())
            found[str(part["custom_id"])] = str(part.get("value") or next(iter(values), "")).strip()
    return found


def chosen_values(interaction: discord.Interaction[Any]) -> tuple[str, ...]:
    """Return the values selected in a message's menu."""
    return tuple(map(str, cast("Sequence[object]", _data(interaction).get("values") or ())))


def choice_of(interaction: discord.Interaction[Any]) -> str | None:
    """Return the selected option of a modal; None if nothing was selected or there was no select."""
    return next(_values(_data(interaction).get("components")), None)


def _data(interaction: discord.Interaction[Any]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", interaction.data or {})


def _texts(components: object) -> Iterator[str]:
    """Yield every text in a modal's components."""
    return (str(part["value"]) for part in _parts(components) if isinstance(part.get("value"), str))


def _values(components: object) -> Iterator[str]:
    """Yield every value selected in a modal's components."""
    for part in _parts(components):
        yield from map(str, cast("Sequence[object]", part.get("values") or ()))


def _parts(value: object) -> Iterator[Mapping[str, object]]:
    """Yield every component, including those inside labels and action rows."""
    if isinstance(value, Mapping):
        part = cast("Mapping[str, object]", value)
        yield part
        for inner in ("component", "components"):
            yield from _parts(part.get(inner))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in cast("Sequence[object]", value):
            yield from _parts(one)
