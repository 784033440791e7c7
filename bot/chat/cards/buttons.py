"""The buttons and selects under a card.

Every interactive component is a DynamicItem: it is made again from its `custom_id` (see bot/chat/cards/custom_ids.py)
whenever it is used, so a button of last month works after any number of restarts.

discord.py 2.7.1 forgets a DynamicItem for all messages when a view that held one is edited away, stopped or timed out
while it is stored. So each message gets a view of its own without a time limit, and none is ever stored: it is finished
before it is sent, and finished views are not stored (ui/view.py, ViewStore.add_view and remove_view).
"""

import re
from collections.abc import Iterable
from typing import Any, Protocol, Self

import discord

from bot.chat.cards.card import Pick, Press, Verb
from bot.chat.cards.custom_ids import OURS, CustomId, template

PRESSED = (
    Verb.REROLL, Verb.AGAIN, Verb.EDIT, Verb.UPSCALE, Verb.ANIMATE, Verb.REMOVEBG, Verb.LIPSYNC, Verb.MORE,
    Verb.RECIPE, Verb.COMMAND, Verb.FAVOURITE, Verb.UNFAVOURITE, Verb.TO_DM, Verb.ORIGINAL, Verb.DELETE,
)  # fmt: skip
"""What the buttons under results do."""

STYLES = {
    Verb.CANCEL: discord.ButtonStyle.danger,
    Verb.DELETE: discord.ButtonStyle.danger,
    Verb.SHOW: discord.ButtonStyle.primary,
    Verb.START: discord.ButtonStyle.success,
}
EMOJI = {
    Verb.REROLL: "🎲",
    Verb.AGAIN: "🔁",
    Verb.EDIT: "✏️",
    Verb.UPSCALE: "🔍",
    Verb.ANIMATE: "🎬",
    Verb.REMOVEBG: "✂️",
    Verb.NOTIFY: "🔔",
    Verb.LIPSYNC: "👄",
    Verb.FAVOURITE: "☆",
    Verb.UNFAVOURITE: "★",
    Verb.MORE: "⋯",
}
TEXT_ONLY = frozenset({Verb.MORE, Verb.FAVOURITE, Verb.UNFAVOURITE})
"""Verbs whose sign is no emoji to Discord, so that it stands in the label."""

LABEL_CHARACTERS = 80
PLACEHOLDER_CHARACTERS = 150
OPTION_CHARACTERS = 100


class Presses(Protocol):
    """What happens when a button of a job is pressed."""

    async def cancel(self, interaction: discord.Interaction[Any], job: str) -> None:
        """Cancel that job, where the person may."""
        ...

    async def notify(self, interaction: discord.Interaction[Any], job: str) -> None:
        """Write to that job's member when it ends, or do not after all."""
        ...

    async def show(self, interaction: discord.Interaction[Any], job: str) -> None:
        """Show that job's kept result to its owner."""
        ...

    async def confirmed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Start an order whose price was shown, or drop it."""
        ...

    async def unknown(self, interaction: discord.Interaction[Any]) -> None:
        """Say that this button is of a form that is not understood any more."""
        ...


class Following(Protocol):
    """What happens when somebody goes on from a result."""

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Do what the button says, where the person may."""
        ...

    async def chosen(self, interaction: discord.Interaction[Any], source: str, value: str) -> None:
        """Do what was chosen with the picture that was chosen."""
        ...

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        """Do what a modal of ours was filled in for; leave all others alone."""
        ...


class CancelButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=template(Verb.CANCEL)):
    """Cancels its job."""

    def __init__(self, job: str, label: str = "") -> None:
        super().__init__(_button(Press(Verb.CANCEL, job, label)))
        self.job = job

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        return cls(match["source"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the press on."""
        await interaction.client.presses.cancel(interaction, self.job)


class NotifyButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=template(Verb.NOTIFY)):
    """Asks for a direct message when its job ends, or takes that back."""

    def __init__(self, job: str, label: str = "") -> None:
        super().__init__(_button(Press(Verb.NOTIFY, job, label)))
        self.job = job

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        return cls(match["source"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the press on."""
        await interaction.client.presses.notify(interaction, self.job)


class ShowButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=template(Verb.SHOW)):
    """Shows a result that was kept because it could not be posted."""

    def __init__(self, job: str, label: str = "") -> None:
        super().__init__(_button(Press(Verb.SHOW, job, label)))
        self.job = job

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        return cls(match["source"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the press on."""
        await interaction.client.presses.show(interaction, self.job)


class FollowButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=template(*PRESSED)):
    """Goes on from a result."""

    def __init__(self, press: Press) -> None:
        super().__init__(_button(press))
        self.pressed = _id(press)

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        found = CustomId.of(match)
        return cls(Press(found.verb, found.source, "", found.number, found.promise))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the press on."""
        await interaction.client.following.pressed(interaction, self.pressed)


class UseSelect(discord.ui.DynamicItem[discord.ui.Select[Any]], template=template(Verb.USE)):
    """Goes on from one of several pictures."""

    def __init__(self, pick: Pick) -> None:
        super().__init__(_select(pick))
        self.source = pick.source

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        return cls(Pick(match["source"], "", ()))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the choice on."""
        await interaction.client.following.chosen(interaction, self.source, self.item.values[0])


class ConfirmButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=template(Verb.START, Verb.DROP)):
    """Starts an order whose price was shown, or drops it."""

    def __init__(self, press: Press) -> None:
        super().__init__(_button(press))
        self.pressed = _id(press)

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        found = CustomId.of(match)
        return cls(Press(found.verb, found.source, "", found.number, found.promise))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the press on."""
        await interaction.client.presses.confirmed(interaction, self.pressed)


ITEMS = (CancelButton, NotifyButton, ShowButton, FollowButton, UseSelect, ConfirmButton)


class UnknownButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"(?!{template(*Verb)}$){OURS}.*",
):
    """Any other button of ours: one of a later or of a forgotten version. It answers instead of failing."""

    def __init__(self, custom_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=custom_id))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        return cls(match[0])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the press on."""
        await interaction.client.presses.unknown(interaction)


BUTTONS = (*ITEMS, UnknownButton)
"""What the client must know to understand every press; their templates exclude one another."""


def view(presses: Iterable[Press], picks: Iterable[Pick] = ()) -> discord.ui.View | None:
    """Put selects and buttons under a message; None where there are none. Each message needs a new one."""
    made = discord.ui.View(timeout=None)
    for pick in picks:
        made.add_item(UseSelect(pick))
    for press in presses:
        made.add_item(_item(press))
    made.stop()
    return made if made.children else None


def _item(press: Press) -> discord.ui.Item[Any]:
    if press.verb is Verb.CANCEL:
        return CancelButton(press.job, press.label)
    if press.verb is Verb.NOTIFY:
        return NotifyButton(press.job, press.label)
    if press.verb in (Verb.START, Verb.DROP):
        return ConfirmButton(press)
    return ShowButton(press.job, press.label) if press.verb is Verb.SHOW else FollowButton(press)


def _id(press: Press) -> CustomId:
    return CustomId(press.verb, press.job, press.number, press.promise)


def _button(press: Press) -> discord.ui.Button[Any]:
    sign = EMOJI.get(press.verb)
    written = press.verb in TEXT_ONLY
    return discord.ui.Button(
        custom_id=str(_id(press)),
        label=(f"{sign} {press.label}" if written else press.label)[:LABEL_CHARACTERS],
        style=STYLES.get(press.verb, discord.ButtonStyle.secondary),
        emoji=None if written else sign,
    )


def _select(pick: Pick) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            value=one.value, label=one.label[:OPTION_CHARACTERS], description=one.description[:OPTION_CHARACTERS]
        )
        for one in pick.options
    ]
    custom_id = str(CustomId(Verb.USE, pick.source))
    return discord.ui.Select(
        custom_id=custom_id, placeholder=pick.placeholder[:PLACEHOLDER_CHARACTERS] or None, options=options
    )
