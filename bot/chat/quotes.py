"""`/quote`: what an order would cost and take here, without holding anything."""

from dataclasses import replace
from typing import Any

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import InputFile, Order, Role, Task
from bot.chat.answer import Answers
from bot.chat.cards import Card, usually
from bot.chat.cheaper import cheaper
from bot.chat.choices import Choices
from bot.chat.escape import plain
from bot.chat.origin import guild_of
from bot.credit import show
from bot.jobs.jobs import Jobs
from bot.ledger.accounts import Ledger

WORDS = "a lighthouse in fog"
ALTERNATIVES = 3
SMALL = 100_000
"""The size in bytes of the files that stand in for a member's, which change no price."""


class Quotes:
    """Dry runs."""

    def __init__(self, *, jobs: Jobs, catalogue: Catalogue, choices: Choices, ledger: Ledger, answers: Answers) -> None:
        self._jobs = jobs
        self._catalogue = catalogue
        self._choices = choices
        self._ledger = ledger
        self._answers = answers

    async def quote(self, interaction: discord.Interaction[Any], wanted: Order) -> Card:
        """Price, usual time, permission and balance of an order. Raises Refused where no model can do it."""
        guild, say = guild_of(interaction), self._answers.speech(interaction)
        order = await self._choices.first(guild, *examples(wanted))
        plan = self._catalogue.plan(order)
        price = plan.quote.milli_credits
        balance = await self._ledger.balance(guild, interaction.user.id)
        allowed = await self._choices.allowed(guild)
        others = cheaper(
            self._catalogue, order, price, allowed=allowed, within_mcr=balance.available_mcr, most=ALTERNATIVES
        )
        fits = price <= balance.available_mcr
        lines = [
            say(
                "quote-at-most" if plan.quote.upper_bound else "quote",
                model=f"**{plain(self._catalogue.get(order.model).label)}**",
                amount=show(price),
            ),
            usually(await self._jobs.usual(order, plan), plan.typical_s, say),
            say("quote-allowed" if order.model in allowed else "quote-denied"),
            say("quote-fits" if fits else "quote-short", available=show(balance.available_mcr)),
            *(say("quote-cheaper", model=plain(one.label), amount=show(one.mcr)) for one in others),
        ]
        return Card("\n".join(lines))


def examples(wanted: Order) -> tuple[Order, ...]:
    """Ways to fill in what a price does not hang on: words and files, as the different models of a task need them."""
    picture = _file("image", Role.IMAGE, "image/png")
    named = replace(wanted, prompt=WORDS)
    match wanted.task:
        case Task.IMAGINE | Task.SVG | Task.MUSIC:
            return (named, replace(named, files=(_file("reference", Role.REFERENCE, "image/png"),)))
        case Task.VIDEO:
            frame = _file("image", Role.FIRST_FRAME, "image/png")
            clip = _file("source", Role.VIDEO, "video/mp4")
            return (named, *(replace(named, files=(file,)) for file in (frame, clip)))
        case Task.EDIT:
            second = _file("image2", Role.IMAGE, "image/png")
            return (replace(named, files=(picture,)), replace(named, files=(picture, second)))
        case Task.ERASE:
            masked = (picture, _file("mask", Role.MASK, "image/png"))
            erased = replace(wanted, what="the lamp", files=(picture,))
            return (erased, replace(named, files=masked), replace(wanted, files=masked))
        case Task.LIPSYNC:
            clip = _file("video", Role.VIDEO, "video/mp4")
            return (replace(wanted, files=(clip, _file("audio", Role.AUDIO, "audio/mpeg"))),)
        case _:
            return (replace(wanted, files=(picture,)),)


def _file(slot: str, role: Role, media: str) -> InputFile:
    ending = {"image/png": "png", "video/mp4": "mp4", "audio/mpeg": "mp3"}[media]
    return InputFile(slot, role, f"{slot}.{ending}", "https://example.invalid/", SMALL, media, 1_024, 1_024)
