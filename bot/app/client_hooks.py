"""Builds the functions that the client calls when something happens to a server, or after a command."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from bot.app.replies_side import RepliesSide
from bot.app.services import Services
from bot.chat.credits.purchase_intake import PurchaseIntake
from bot.chat.discord.guild_joins import GuildJoins
from bot.chat.easel_client import ClientHooks
from bot.chat.servers.greetings import Greetings
from bot.chat.servers.suspension_notice import SuspensionNotice
from bot.chat.texts.texts import Texts
from bot.chat.texts.wording import failure
from bot.errors import UnreadableRequest
from bot.funding.new_guilds import FirstState
from bot.guilds.known_guilds import GuildFacts
from bot.log_context import logged

log = logging.getLogger(__name__)


def build_client_hooks(
    core: Services,
    shared: RepliesSide,
    texts: Texts,
    provider_name: str,
    intake: PurchaseIntake,
    shard_recorded: Callable[[int, int], Awaitable[bool]],
) -> ClientHooks:
    """Build the hooks. `provider_name` is the provider that the database is claimed for."""

    async def claim(application: int) -> None:
        await core.database.claim(application=str(application), provider=provider_name)

    notice = SuspensionNotice(core.policy, shared.responder)

    async def is_in(guilds: Sequence[GuildFacts]) -> None:
        for facts in guilds:
            core.jobs.guild_joined(facts.guild)
        await core.departed_guilds.joined([facts.guild for facts in guilds])
        await core.operator_desk.seen(guilds)
        for facts, state in zip(guilds, await core.new_guilds.joined(guilds), strict=True):
            if state in {FirstState.CAP, FirstState.SMALL, FirstState.YOUNG}:
                with logged(guild=facts.guild):
                    log.warning("guild %s waits for its first credits (%s): /easel-ops newcomers", facts.guild, state)

    async def left(guild: int) -> None:
        await core.jobs.guild_left(guild)
        await core.operator_desk.left(guild)
        await core.departed_guilds.left(guild)

    async def perhaps_left() -> frozenset[int]:
        return await core.jobs.guilds_with_open_jobs() | await core.departed_guilds.unnoticed()

    async def after_command(interaction: discord.Interaction[Any]) -> None:
        await notice.show_after(interaction)
        await shared.moderation.direct_messages.show_after(interaction)
        await shared.kept.offer_after(interaction)
        await shared.setup.wizard.offer_after(interaction)

    def unreadable(locale: str) -> str:
        return failure(UnreadableRequest().failure, texts.speech(locale))

    return ClientHooks(
        claim=claim,
        present=is_in,
        guild_left=left,
        guilds_perhaps_left=perhaps_left,
        after_command=after_command,
        unreadable=unreadable,
        permissions_changed=core.jobs.permissions_changed,
        automod_changed=core.prompts.outdate,
        command_permissions_changed=shared.command_permissions.outdate,
        greetings=Greetings(
            GuildJoins(core.database), shared.languages, core.ledger, core.clock, shared.registry.mention
        ),
        purchases=intake,
        shard_recorded=shard_recorded,
    )
