"""Renders the buttons and selects under a message.

Which buttons a result has is decided in bot/chat/results/follow_up_actions.py.

A component's `custom_id` contains everything that is needed to handle it (see bot/chat/cards/custom_ids.py). Clicks are
handled by bot/chat/discord/component_dispatch.py from that id alone, so a button sent last month works after any number
of restarts, and discord.py never has to remember the views built here.

discord.py 2.7.1 stores every unfinished view that it sends, for as long as the view lives (ui/view.py,
ViewStore.add_view). So each message gets a new view without a timeout, which is finished before it is sent: finished
views are not stored.
"""

from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, CardMenu, CardSelect, MenuKind, Verb
from bot.chat.cards.custom_ids import CustomId

STYLES = {
    Verb.CANCEL: discord.ButtonStyle.danger,
    Verb.DELETE: discord.ButtonStyle.danger,
    Verb.REMOVE: discord.ButtonStyle.danger,
    Verb.UNPOST: discord.ButtonStyle.danger,
    Verb.SHOW: discord.ButtonStyle.primary,
    Verb.START: discord.ButtonStyle.success,
    Verb.GIVE: discord.ButtonStyle.success,
    Verb.GRANT: discord.ButtonStyle.success,
    Verb.FUND: discord.ButtonStyle.success,
    Verb.UNGRANT: discord.ButtonStyle.danger,
    Verb.FORGET_ME: discord.ButtonStyle.danger,
    Verb.APPROVE: discord.ButtonStyle.success,
    Verb.TAKE_DOWN: discord.ButtonStyle.danger,
    Verb.SETUP: discord.ButtonStyle.primary,
    Verb.APPROVE_ORDER: discord.ButtonStyle.success,
    Verb.DENY_ORDER: discord.ButtonStyle.danger,
}
EMOJI = {
    Verb.REROLL: "🎲",
    Verb.AGAIN: "🔁",
    Verb.EDIT: "✏️",
    Verb.UPSCALE: "🔍",
    Verb.ANIMATE: "🎬",
    Verb.REMOVEBG: "✂️",
    Verb.NOTIFY: "🔔",
    Verb.REFILE: "📎",
    Verb.LIPSYNC: "👄",
    Verb.FAVOURITE: "☆",
    Verb.UNFAVOURITE: "★",
    Verb.STAR: "☆",
    Verb.UNSTAR: "★",
    Verb.MORE: "⋯",
}
TEXT_ONLY = frozenset({Verb.MORE, Verb.FAVOURITE, Verb.UNFAVOURITE, Verb.STAR, Verb.UNSTAR})
"""Verbs whose symbol Discord rejects as an emoji, so it is written into the label instead."""

LABEL_CHARACTERS = 80
PLACEHOLDER_CHARACTERS = 150
OPTION_CHARACTERS = 100


def view(card: Card) -> discord.ui.View | None:
    """Build the menus, selects and buttons of a card; None if it has none. Build a new view for every message."""
    made = discord.ui.View(timeout=None)
    for menu in card.menus:
        made.add_item(_menu(menu))
    for select in card.selects:
        made.add_item(_select(select))
    for button in card.buttons:
        made.add_item(pressable(button))
    made.stop()
    return made if made.children else None


def pressable(button: CardButton) -> discord.ui.Button[Any]:
    """Return the component for a button."""
    if button.verb is Verb.BUY:
        return discord.ui.Button(style=discord.ButtonStyle.premium, sku_id=button.number)
    symbol = EMOJI.get(button.verb)
    in_label = button.verb in TEXT_ONLY
    return discord.ui.Button(
        custom_id=str(CustomId(button.verb, button.job, button.number, button.promise)),
        label=(f"{symbol} {button.label}".rstrip() if in_label else button.label)[:LABEL_CHARACTERS],
        style=discord.ButtonStyle.secondary if _is_alternative(button) else _style(button.verb),
        emoji=None if in_label else symbol,
    )


def _style(verb: Verb) -> discord.ButtonStyle:
    return STYLES.get(verb, discord.ButtonStyle.secondary)


def _is_alternative(button: CardButton) -> bool:
    """Return whether a button starts a different order: only the requested order's button is green."""
    return button.verb is Verb.START and button.number > 0


def _select(select: CardSelect) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            value=one.value, label=one.label[:OPTION_CHARACTERS], description=one.description[:OPTION_CHARACTERS]
        )
        for one in select.options
    ]
    custom_id = str(CustomId(Verb.USE, select.source))
    return discord.ui.Select(
        custom_id=custom_id, placeholder=select.placeholder[:PLACEHOLDER_CHARACTERS] or None, options=options
    )


PLACES = [
    discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.voice, discord.ChannelType.stage_voice,
    discord.ChannelType.forum, discord.ChannelType.category,
]  # fmt: skip
"""Categories, and the types of channels that have messages. Threads count as part of their channel."""


def _menu(menu: CardMenu) -> discord.ui.Select[Any] | discord.ui.ChannelSelect[Any]:
    custom_id = str(CustomId(menu.verb, menu.source))
    placeholder = menu.placeholder[:PLACEHOLDER_CHARACTERS]
    if menu.kind is MenuKind.TEXTS:
        options = [
            discord.SelectOption(
                value=one.value,
                label=one.label[:OPTION_CHARACTERS],
                description=one.description[:OPTION_CHARACTERS] or None,
                default=one.value in menu.chosen,
            )
            for one in menu.options
        ]
        return discord.ui.Select(custom_id=custom_id, placeholder=placeholder, options=options)
    return discord.ui.ChannelSelect(
        custom_id=custom_id,
        placeholder=placeholder,
        channel_types=PLACES if menu.kind is MenuKind.PLACES else [discord.ChannelType.text],
        default_values=[
            discord.SelectDefaultValue(id=int(one), type=discord.SelectDefaultValueType.channel) for one in menu.chosen
        ],
        max_values=menu.most,
    )
