"""`/help`: explains how to start and what each command does, with clickable commands."""

from typing import Any, Protocol

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.cards.card import BLUE, Card
from bot.chat.discord.command_facts import CommandDirectory, Topic
from bot.chat.discord.interactions import asker
from bot.chat.discord.responses import Responder
from bot.chat.ordering.example_orders import examples
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.price_question import POOL_PAYS
from bot.chat.texts.texts import Speech
from bot.errors import Refused
from bot.funding.allowance_rows import Recipient
from bot.funding.wallets import Wallets
from bot.ledger.accounts import Ledger
from bot.money import show
from bot.policy.policy_records import Requester

WELCOMING = ("imagine", "balance", "quote", "jobs", "why", "help")
ADMINS = ("easel-admin credits grant", "easel-mod allow add", "easel-mod allow list")


class Mentions(Protocol):
    """Links commands in messages."""

    def mention(self, command: str) -> str:
        """Return a command (`recipe run`) as a clickable mention."""
        ...


class HelpPages:
    """Builds the pages of `/help`."""

    def __init__(
        self,
        mentions: Mentions,
        directory: CommandDirectory,
        *,
        catalogue: Catalogue,
        models: ModelChoice,
        ledger: Ledger,
        wallets: Wallets,
        responder: Responder,
    ) -> None:
        self._mentions = mentions
        self._directory = directory
        self._catalogue = catalogue
        self._models = models
        self._ledger = ledger
        self._wallets = wallets
        self._responder = responder

    async def welcome(self, interaction: discord.Interaction[Any]) -> Card:
        """Return the first page: what Easel does and how to start, with a section for those who manage the server."""
        say, guild = self._responder.speech(interaction), interaction.guild_id
        links = {name: self._mentions.mention(name) for name in WELCOMING}
        parts = [
            say("help-steps", **links),
            say("help-in-a-server") if guild is None else await self._credits(asker(interaction), say),
            say("help-failure", **links),
        ]
        if guild is not None and interaction.permissions.manage_guild:
            parts.append(await self._for_admins(guild, say))
        parts.append(say("help-more", **links))
        return Card(say("help-welcome"), discord.Embed(description="\n\n".join(parts), colour=BLUE))

    async def topic(self, interaction: discord.Interaction[Any], topic: Topic) -> Card:
        """Return a topic's page: its commands, and what each one does."""
        say = self._responder.speech(interaction)
        lines = [
            say("help-line", command=self._mentions.mention(name), what=self._purpose(name, say))
            for name in self._directory.about(topic)
        ]
        return Card(say(f"help-{topic}"), discord.Embed(description="\n".join(lines), colour=BLUE))

    def _purpose(self, name: str, say: Speech) -> str:
        """Return the purpose of a command: a text written for help, or its description in the reader's language."""
        key = name.replace(" ", "-")
        written = (text for text in (f"help-to-{key}", f"command-{key}.description") if say.has(text))
        found = next(written, None)
        return say(found) if found else self._directory.description(name)

    async def _credits(self, who: Requester, say: Speech) -> str:
        wallet = await self._wallets.of(Recipient(who.guild, who.member, who.here.roles))
        some = POOL_PAYS if wallet.is_pool else "some" if wallet.available_mcr else "none"
        text = say("help-own-credits", some=some, available=show(wallet.available_mcr))
        try:
            order = await self._models.first(who, *examples(Order(Task.IMAGINE, "")))
        except Refused:  # no model makes pictures here: show help without a price
            return text
        price = self._catalogue.plan(order).quote.milli_credits
        return f"{text}\n{say('help-price', price=show(price))}"

    async def _for_admins(self, guild: int, say: Speech) -> str:
        pool = await self._ledger.pool(guild)
        grant, allow, allowed = (self._mentions.mention(name) for name in ADMINS)
        return say("help-admins", grant=grant, allow=allow, list=allowed, pool=show(pool.available_mcr))
