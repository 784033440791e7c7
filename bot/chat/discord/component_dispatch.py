"""Passes each clicked button, used select and submitted modal to its handler.

Everything is read from the interaction itself. discord.py's own dispatch (ui/view.py, ViewStore) also needs the
component's message, and does not answer if that has changed in the meantime or cannot be read.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import discord

from bot.chat.cards import modals
from bot.chat.cards.card import PRIVATE_VERBS, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.jobs.ids import is_long_id
from bot.log_context import now_logged

Interaction = discord.Interaction[Any]
PressHandler = Callable[[Interaction, CustomId], Awaitable[None]]
Explain = Callable[[Interaction, Exception], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class ComponentHandlers:
    """The handlers of all components.

    `buttons` has a handler for each verb of a button, and `options` for each verb of a select's option. `modal` handles
    a submitted modal; if it raises, `return_text` gives the typed text back. `outdated` replies to a component without
    a handler, and `explain` replies with the error that a handler raised.
    """

    buttons: Mapping[Verb, PressHandler]
    options: Mapping[Verb, PressHandler]
    modal: Callable[[Interaction], Awaitable[None]]
    return_text: Callable[[Interaction], Awaitable[None]]
    outdated: Callable[[Interaction], Awaitable[None]]
    explain: Explain


class ComponentDispatch:
    """Runs the handler of a component, and replies with its errors."""

    def __init__(self, handlers: ComponentHandlers) -> None:
        self._handlers = handlers

    async def handle(self, interaction: Interaction) -> None:
        """Handle a click or a submitted modal; ignore every other interaction."""
        if interaction.type is discord.InteractionType.component:
            await self._click(interaction, cast("Mapping[str, object]", interaction.data or {}))
        elif interaction.type is discord.InteractionType.modal_submit:
            await self._submit(interaction)

    async def _click(self, interaction: Interaction, data: Mapping[str, object]) -> None:
        """Handle a pressed button or a chosen option; an id that another version sent gets an explanation."""
        found = CustomId.read(str(data.get("custom_id")))
        if found is not None and found.verb is Verb.USE:
            values = cast("Sequence[object]", data.get("values") or ("",))
            await self._run(interaction, self._handlers.options, CustomId.of_option(found.source, str(values[0])))
        else:
            await self._run(interaction, self._handlers.buttons, found)

    async def _submit(self, interaction: Interaction) -> None:
        if modals.custom_id_of(interaction) is None:
            await self._guarded(interaction, self._handlers.outdated(interaction))
        elif not await self._guarded(interaction, self._handlers.modal(interaction)):
            await self._guarded(interaction, self._handlers.return_text(interaction))

    async def _run(
        self, interaction: Interaction, by_verb: Mapping[Verb, PressHandler], found: CustomId | None
    ) -> None:
        if found is not None and is_long_id(found.source):
            now_logged(job=found.source)
        handler = by_verb.get(found.verb) if found else None
        if found is None or handler is None or (found.verb in PRIVATE_VERBS and _is_below_public(interaction)):
            await self._guarded(interaction, self._handlers.outdated(interaction))
        else:
            await self._guarded(interaction, handler(interaction, found))

    async def _guarded(self, interaction: Interaction, work: Awaitable[None]) -> bool:
        """Run a handler; False if it raised. Errors of components do not reach the command tree's error handler."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - explained to the person; internal errors are logged
            await self._handlers.explain(interaction, error)
            return False
        return True


def _is_below_public(interaction: Interaction) -> bool:
    """Return whether a component's message is public, like a job's card, which only delivery may replace."""
    return interaction.message is not None and not interaction.message.flags.ephemeral
