"""Renders recipes, their differences, and the command that repeats an order."""

from collections.abc import Sequence

import discord

from bot.catalogue import advanced
from bot.catalogue.order import Order
from bot.chat.cards.card import BLUE, Card
from bot.chat.discord.command_facts import CommandOptions
from bot.chat.discord_limits import CONTENT_CHARACTERS, EMBED_DESCRIPTION_CHARACTERS
from bot.chat.texts import wording
from bot.chat.texts.escaping import fenced, plain, tidy
from bot.chat.texts.texts import Speech
from bot.chat.texts.value_names import name_of
from bot.jobs.recipe import Difference, Recipe, options
from bot.jobs.records import Snapshot
from bot.media.provenance.credential_records import EXTRA, SIGNER_CHARACTERS, Credentials

VALUE_CHARACTERS = 700
COMMAND_CHARACTERS = 4_050
"""The maximum length of a command: below the 4,096 of an embed's description, to leave space for the code block."""

HASH_CHARACTERS = 12

ONE = ("count", "1")
"""The option that a recipe does not show: one result is what everyone expects."""


def recipe_card(recipe: Recipe, say: Speech, credentials: Sequence[Credentials] = ()) -> Card:
    """Return a card with a complete recipe and the content credentials of its results."""
    lines = [say("recipe-model", model=plain(recipe.model), version=recipe.version or "none")]
    if recipe.parent:
        lines.append(say("recipe-parent", id=recipe.parent))
    lines += [_option(name, value, say) for name, value in recipe.options.items() if (name, value) != ONE]
    if recipe.advanced:
        lines.append(_option(advanced.OPTION, advanced.write(tuple(recipe.advanced.items())), say))
    if any(seed is not None for seed in recipe.seeds):
        lines.append(_option("seed", ", ".join("?" if seed is None else str(seed) for seed in recipe.seeds), say))
    lines += [
        say(
            "recipe-input",
            slot=wording.option(one.slot, say),
            name=plain(one.name),
            sha256=(one.sha256 or "none")[:HASH_CHARACTERS],
        )
        for one in recipe.inputs
    ]
    lines += [_credentials(one, say) for one in credentials]
    embed = discord.Embed(description="\n".join(lines)[:EMBED_DESCRIPTION_CHARACTERS], colour=BLUE)
    return Card(say("recipe-head", id=recipe.short_id, task=wording.task(recipe.task, say)), embed)


def diff_card(left: Recipe, right: Recipe, differences: tuple[Difference, ...], say: Speech) -> Card:
    """Return a card with the differences between two recipes."""
    head = say("diff-head", left=left.short_id, right=right.short_id)
    if not differences:
        return Card(say("diff-none", left=left.short_id, right=right.short_id))
    lines = [
        say(
            "diff-option",
            name=wording.option(one.name, say),
            left=_side(one.name, one.left, say),
            right=_side(one.name, one.right, say),
        )
        for one in differences
    ]
    return Card(head, discord.Embed(description="\n".join(lines)[:EMBED_DESCRIPTION_CHARACTERS], colour=BLUE))


def command_card(snapshot: Snapshot, order: Order, command: CommandOptions) -> Card:
    """Return the command of this order in a code block: in the message if it fits, otherwise in an embed."""
    text = fenced(command_text(snapshot, order, command))
    return Card(text) if len(text) <= CONTENT_CHARACTERS else Card(embed=discord.Embed(description=text))


def command_text(snapshot: Snapshot, order: Order, command: CommandOptions) -> str:
    """Return the command of this order with its options, without attached files: they cannot be typed."""
    fields: dict[str, object] = {name: value for name, value in options(order).items() if name != "count"}
    count = order.count if order.count > 1 else None
    fields[advanced.OPTION] = advanced.write(order.advanced) or None
    fields |= {"job": _parent(snapshot), "count": count, "model": order.model, "seed": order.seed}
    typed = {command.option(field): value for field, value in fields.items() if value is not None}
    words = (f"{name}:{tidy(str(value), COMMAND_CHARACTERS)}" for name, value in typed.items() if name)
    return " ".join((f"/{order.task.value}", *words))[:COMMAND_CHARACTERS]


def _parent(snapshot: Snapshot) -> str | None:
    """Return the result that this one was made from, as text for the `job` option; None if there is none."""
    lineage = snapshot.lineage
    if lineage is None or lineage.short_id is None or not lineage.parent.picture:
        return None
    return f"{lineage.short_id}/{lineage.parent.picture}"


def _option(name: str, value: str, say: Speech) -> str:
    shown = plain(name_of(name, value, say), VALUE_CHARACTERS)
    return say("recipe-option", name=wording.option(name, say), value=shown)


def _credentials(found: Credentials, say: Speech) -> str:
    signer = plain(found.signer or "?", SIGNER_CHARACTERS)
    return say("recipe-credentials", state=found.state.value, signer=signer, extra=EXTRA)


def _side(name: str, value: str | None, say: Speech) -> str:
    return say("diff-absent") if value is None else plain(name_of(name, value, say), VALUE_CHARACTERS)
