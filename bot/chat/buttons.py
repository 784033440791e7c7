"""The buttons under a card.

Every interactive component is a DynamicItem: it is made again from its `custom_id` (`easel:1:<verb>:<job id>`) whenever
it is pressed, so a button of last month works after any number of restarts. The number is the version of this format.

discord.py 2.7.1 forgets a DynamicItem for all messages when a view that held one is edited away, stopped or timed out
while it is stored. So each message gets a view of its own without a time limit, and none is ever stored: it is finished
before it is sent, and finished views are not stored (ui/view.py, ViewStore.add_view and remove_view).
"""

import re
from collections.abc import Iterable
from typing import Any, Protocol, Self

import discord

from bot.chat.cards import Press, Verb

FORMAT = "easel:1"
JOB = r"(?P<job>[0-9A-Za-z_-]{1,25})"


class Presses(Protocol):
    """What happens when a button is pressed."""

    async def cancel(self, interaction: discord.Interaction[Any], job: str) -> None:
        """Cancel that job, where the person may."""
        ...

    async def show(self, interaction: discord.Interaction[Any], job: str) -> None:
        """Show that job's kept result to its owner."""
        ...

    async def unknown(self, interaction: discord.Interaction[Any]) -> None:
        """Say that this button is of a form that is not understood any more."""
        ...


class CancelButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=f"{FORMAT}:{Verb.CANCEL}:{JOB}"):
    """Cancels its job."""

    def __init__(self, job: str, label: str = "") -> None:
        super().__init__(_button(Verb.CANCEL, job, label, discord.ButtonStyle.danger))
        self.job = job

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the press on."""
        await interaction.client.presses.cancel(interaction, self.job)


class ShowButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=f"{FORMAT}:{Verb.SHOW}:{JOB}"):
    """Shows a result that was kept because it could not be posted."""

    def __init__(self, job: str, label: str = "") -> None:
        super().__init__(_button(Verb.SHOW, job, label, discord.ButtonStyle.primary))
        self.job = job

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from what Discord sent back."""
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Pass the press on."""
        await interaction.client.presses.show(interaction, self.job)


class UnknownButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"(?!{FORMAT}:(?:{Verb.CANCEL}|{Verb.SHOW}):{JOB}$)easel:.*",
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


BUTTONS = (CancelButton, ShowButton, UnknownButton)
"""What the client must know to understand every press; their templates exclude one another."""


def view(presses: Iterable[Press]) -> discord.ui.View | None:
    """Put buttons under a message; None where there are none. Each message needs a new one."""
    made = discord.ui.View(timeout=None)
    for press in presses:
        made.add_item(CancelButton(press.job, press.label) if press.verb is Verb.CANCEL else _show(press))
    made.stop()
    return made if made.children else None


def _show(press: Press) -> ShowButton:
    return ShowButton(press.job, press.label)


def _button(verb: Verb, job: str, label: str, style: discord.ButtonStyle) -> discord.ui.Button[Any]:
    return discord.ui.Button(custom_id=f"{FORMAT}:{verb}:{job}", label=label[:80], style=style)
