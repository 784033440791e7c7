"""Passes each clicked button, used select and submitted modal to its handler.

discord.py finds the DynamicItem class for a component by matching its `custom_id`, and builds an object of that class
for each click. So the classes are created once, around a typed record of handlers. Their templates exclude one another:
discord.py would run every class that matches (ui/view.py, ViewStore.dispatch_dynamic_items).
"""

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.chat.cards import modals
from bot.chat.cards.card import Verb
from bot.chat.cards.custom_ids import PREFIX_OF_ALL, CustomId, template

Interaction = discord.Interaction[Any]
PressHandler = Callable[[Interaction, CustomId], Awaitable[None]]
Explain = Callable[[Interaction, Exception], Coroutine[Any, Any, None]]
AnyItem = discord.ui.Item[Any]
DynamicItemClass = type[discord.ui.DynamicItem[AnyItem]]

BUTTON_VERBS = tuple(verb for verb in Verb if verb is not Verb.USE)


@dataclass(frozen=True, slots=True)
class ComponentHandlers:
    """The handlers of all components.

    `buttons` and `options` have a handler for each verb of a button and of a select's option. `modal` handles a
    submitted modal; if it raises, `return_text` gives the typed text back. `outdated` replies to a component without a
    handler, and `explain` replies with the error that a handler raised.
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

    def classes(self) -> tuple[DynamicItemClass, ...]:
        """Create the classes to register with discord.py; together they match every `custom_id` that Easel has sent."""
        return _button_class(self), _select_class(self), _fallback_class(self)

    async def press(self, interaction: Interaction, pressed: CustomId | None) -> None:
        """Handle a pressed button; `pressed` is None if its id cannot be read."""
        await self._run(interaction, self._handlers.buttons, pressed)

    async def choose(self, interaction: Interaction, source: str, value: str) -> None:
        """Handle the chosen option of a select about `source`."""
        await self._run(interaction, self._handlers.options, CustomId.of_option(source, value))

    async def submit(self, interaction: Interaction) -> None:
        """Handle a submitted modal of Easel's; ignore every other interaction."""
        if modals.custom_id_of(interaction) is None:
            return
        if not await self._guarded(interaction, self._handlers.modal(interaction)):
            await self._handlers.return_text(interaction)

    async def _run(
        self, interaction: Interaction, by_verb: Mapping[Verb, PressHandler], found: CustomId | None
    ) -> None:
        handler = by_verb.get(found.verb) if found else None
        if found is None or handler is None:
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


def _button_class(dispatch: ComponentDispatch) -> DynamicItemClass:
    class PressedButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=template(*BUTTON_VERBS)):
        """A pressed button, rebuilt from its `custom_id`."""

        def __init__(self, pressed: CustomId) -> None:
            super().__init__(discord.ui.Button(custom_id=str(pressed)))
            self.pressed = pressed

        @classmethod
        async def from_custom_id(
            cls, _press: Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(CustomId.of(match))

        async def callback(self, interaction: Interaction) -> None:
            await dispatch.press(interaction, self.pressed)

    return PressedButton


def _select_class(dispatch: ComponentDispatch) -> DynamicItemClass:
    class UsedSelect(discord.ui.DynamicItem[discord.ui.Select[Any]], template=template(Verb.USE)):
        """A select in which something was chosen, rebuilt from its `custom_id`."""

        def __init__(self, used: CustomId) -> None:
            super().__init__(discord.ui.Select(custom_id=str(used)))
            self.used = used

        @classmethod
        async def from_custom_id(
            cls, _press: Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(CustomId.of(match))

        async def callback(self, interaction: Interaction) -> None:
            await dispatch.choose(interaction, self.used.source, next(iter(self.item.values), ""))

    return UsedSelect


def _fallback_class(dispatch: ComponentDispatch) -> DynamicItemClass:
    # The lookahead excludes every id that the other two classes match.
    anything_else = rf"(?!{template(*Verb)}$){PREFIX_OF_ALL}.*"

    class OutdatedButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=anything_else):
        """A component of an earlier or later version of Easel, which gets an explanation instead of a failure."""

        def __init__(self, custom_id: str) -> None:
            super().__init__(discord.ui.Button(custom_id=custom_id))

        @classmethod
        async def from_custom_id(
            cls, _press: Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(match[0])

        async def callback(self, interaction: Interaction) -> None:
            await dispatch.press(interaction, None)

    return OutdatedButton
