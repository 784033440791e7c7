"""Recipes as people read them, and the command that orders the same again."""

import discord

from bot.catalogue.order import Task
from bot.chat.cards import BLUE, Card
from bot.chat.escape import fenced, plain, tidy
from bot.chat.texts.loader import Speech
from bot.jobs.recipe import Difference, Recipe, options
from bot.jobs.records import Snapshot

VALUE_CHARACTERS = 700
COMMAND_CHARACTERS = 1_900
"""Under Discord's 2,000 for a message, with room for the fence."""

HASH_CHARACTERS = 12
INSTRUCTED = frozenset({Task.EDIT})
"""Commands whose words are called `instruction`."""


def recipe_card(recipe: Recipe, say: Speech) -> Card:
    """A recipe, all of it."""
    lines = [say("recipe-model", model=plain(recipe.model), version=recipe.version or "none")]
    if recipe.parent:
        lines.append(say("recipe-parent", id=recipe.parent))
    lines += [_option(name, value) for name, value in recipe.options.items()]
    if any(seed is not None for seed in recipe.seeds):
        lines.append(_option("seed", ", ".join("?" if seed is None else str(seed) for seed in recipe.seeds)))
    lines += [
        say("recipe-input", slot=one.slot, name=plain(one.name), sha256=(one.sha256 or "none")[:HASH_CHARACTERS])
        for one in recipe.inputs
    ]
    embed = discord.Embed(description="\n".join(lines)[:4_096], colour=BLUE)
    return Card(say("recipe-head", id=recipe.short_id, task=recipe.task.value), embed)


def diff_card(left: Recipe, right: Recipe, differences: tuple[Difference, ...], say: Speech) -> Card:
    """What differs between two recipes."""
    head = say("diff-head", left=left.short_id, right=right.short_id)
    if not differences:
        return Card(say("diff-none", left=left.short_id, right=right.short_id))
    lines = [f"**{one.name}**: {_side(one.left, say)} → {_side(one.right, say)}" for one in differences]
    return Card(head, discord.Embed(description="\n".join(lines)[:4_096], colour=BLUE))


def command_text(snapshot: Snapshot) -> str:
    """The command that orders the same again, alone in a block of code. Files cannot be written into one."""
    order = snapshot.job.order
    said = {
        _called(order.task, name): value for name, value in options(order).items() if (name, value) != ("count", "1")
    }
    words = [f"{name}:{tidy(value, COMMAND_CHARACTERS)}" for name, value in said.items()]
    seed = [f"seed:{order.seed}"] if order.seed is not None else []
    return fenced(" ".join((f"/{order.task.value}", *words, f"model:{order.model}", *seed))[:COMMAND_CHARACTERS])


def _called(task: Task, name: str) -> str:
    return "instruction" if name == "prompt" and task in INSTRUCTED else name


def _option(name: str, value: str) -> str:
    return f"**{name}**: {plain(value, VALUE_CHARACTERS)}"


def _side(value: str | None, say: Speech) -> str:
    return say("diff-absent") if value is None else plain(value, VALUE_CHARACTERS)
