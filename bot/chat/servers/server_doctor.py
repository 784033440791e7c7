"""`/easel-admin doctor`: examines a server and says how to fix what is wrong."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.calendar_periods import day_at
from bot.chat.cards.card import Card
from bot.chat.cards.custom_ids import CustomId
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import bot_is_absent, guild_of, of_place
from bot.chat.discord.permission_checks import require_admin
from bot.chat.discord.responses import Responder
from bot.chat.replies.hidden_commands import HiddenCommands
from bot.chat.servers.server_findings import (
    Found,
    OperatorState,
    SeenChannel,
    SeenServer,
    ServerFinding,
    ServerState,
    findings,
    findings_without_records,
    is_well,
)
from bot.chat.texts import wording
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import Speech
from bot.clock import Clock
from bot.errors import BotAbsent, DiscordBusy, StorageError
from bot.funding.forecast import PoolForecasts
from bot.funding.funding import Funding
from bot.guilds.guilds import Guilds
from bot.ledger.accounts import Ledger
from bot.permissions import READ_HISTORY, TO_LOG, TO_SHOW_A_RESULT, TO_SHOW_IN_A_THREAD, NeededPermission, missing
from bot.policy.policy import Policy
from bot.policy.policy_records import GuildPolicy
from bot.policy.prompts.guild_prompts import PromptRuleBook
from bot.policy.rule_matching import is_open

MAIN = "imagine"
"""The command that members use most."""

LISTED = 4
"""How many channels a finding lists."""

COMMANDS = (
    "easel-admin settings", "easel-admin setup", "easel-admin credits grant", "easel-admin allowance add",
    "easel-admin allowance remove", "easel-admin statement", "easel-mod rules remove", "easel-mod limits remove",
    "easel-mod automod status", "easel-mod reports", "easel-mod resume", MAIN,
)  # fmt: skip
"""The commands that findings mention."""

RECORDS_S = 8.0
"""How long reading a server's settings may take. AutoMod's rules are the slowest: Discord may not answer."""

IN_THREADS = TO_SHOW_IN_A_THREAD[1]

Kind = discord.ChannelType
NEEDED: dict[discord.ChannelType, tuple[NeededPermission, ...]] = {
    **dict.fromkeys((Kind.text, Kind.news), (*TO_SHOW_A_RESULT, IN_THREADS, READ_HISTORY)),
    **dict.fromkeys((Kind.voice, Kind.stage_voice), (*TO_SHOW_A_RESULT, READ_HISTORY)),
    **dict.fromkeys((Kind.forum, Kind.media), (*TO_SHOW_IN_A_THREAD, READ_HISTORY)),
}
"""The permissions that the bot needs in each type of channel; the posts of forums are threads."""


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerRecords:
    """The parts of Easel that know the settings and the credits of a server."""

    policy: Policy
    prompts: PromptRuleBook
    guilds: Guilds
    funding: Funding
    ledger: Ledger
    forecasts: PoolForecasts
    hidden: HiddenCommands


class ServerDoctor:
    """Examines servers."""

    def __init__(
        self,
        records: ServerRecords,
        operator_state: Callable[[], Awaitable[OperatorState]],
        responder: Responder,
        languages: Languages,
        clock: Clock,
        mention: Callable[[str], str],
    ) -> None:
        """`operator_state` examines the operator's side; `mention` returns the link to a command."""
        self._records = records
        self._operator_state = operator_state
        self._responder = responder
        self._languages = languages
        self._clock = clock
        self._mention = mention

    async def pressed(self, interaction: discord.Interaction[Any], _pressed: CustomId) -> None:
        """Examine the server in which a button was pressed, and reply. Raises NotAllowed."""
        await self._responder.privately(interaction, self.examine(interaction))

    async def examine(self, interaction: discord.Interaction[Any]) -> Card:
        """Return a card with the problems of this server, if any. Raises NotAllowed, BotAbsent and DiscordBusy."""
        require_admin(interaction)
        if bot_is_absent(interaction):
            raise BotAbsent
        guild = interaction.guild
        if guild is None or guild.unavailable:
            raise DiscordBusy
        say, number = self._responder.speech(interaction), guild_of(interaction)
        # Concurrently, because each of them waits for a different service.
        operation, state = await asyncio.gather(self._operator_state(), self._state(number, guild))
        if state is not None:
            seen, found = state.seen, findings(replace(state, operation=operation), self._clock.now_ms())
        else:
            seen = _seen(guild, GuildPolicy(number), None, self._speaks(guild))
            found = findings_without_records(seen, operation)
        links = {name.replace(" ", "-"): self._mention(name) for name in COMMANDS}
        head = say("doctor-well" if is_well(found) else "doctor-head", channels=len(seen.usable))
        lines = [f"{finding_text(one, say, links)}\n" for one in found]  # an empty line in between
        return Card(head, line_embed(lines, say) if found else None)

    async def _state(self, number: int, guild: discord.Guild) -> ServerState | None:
        """Return everything but the operator's part; None if it cannot be read in time."""
        try:
            async with asyncio.timeout(RECORDS_S):
                return await self._read(number, guild)
        except (StorageError, TimeoutError) as error:
            log.warning("the doctor cannot read the records of guild %s: %s", number, error or type(error).__name__)
            return None

    async def _read(self, number: int, guild: discord.Guild) -> ServerState:
        records = self._records
        policy, settings = await records.policy.of_guild(number), await records.guilds.settings(number)
        prompts = await records.prompts.of_guild(number)
        seen = _seen(guild, policy, settings.log_channel, self._speaks(guild))
        hidden = await records.hidden.hidden_channels(number, (one.id for one in seen.usable), MAIN)
        return ServerState(
            seen=replace(seen, hidden=hidden),
            policy=policy,
            settings=settings,
            forecast=await records.forecasts.of(number),
            today=day_at(self._clock.now_ms(), policy.zone),
            allowances=await records.funding.allowances(number),
            anyone_has_credits=await records.ledger.anyone_has_credits(number),
            automod_readable=prompts.readable,
            automod_gaps=len(prompts.automod.gaps),
        )

    def _speaks(self, guild: discord.Guild) -> bool:
        return self._languages.speaks(guild.id, str(guild.preferred_locale))


def finding_text(finding: ServerFinding, say: Speech, links: dict[str, str]) -> str:
    """Return what was found, why it matters, and how to fix it."""
    facts = wording.translated_parameters(finding.facts, say) | links
    if finding.found is Found.PART:
        facts["part"] = say(f"doctor-part-name-{finding.facts['part']}")
    if finding.channels:
        facts["channels"] = _listed(finding.channels, say)
    key = f"doctor-{finding.found}"
    return f"{finding.weight} {say(key, **facts)}\n-# ➜ {say(f'{key}.fix', **facts)}"


def _listed(channels: Sequence[int], say: Speech) -> str:
    named = say("comma").join(f"<#{channel}>" for channel in channels[:LISTED])
    more = len(channels) - LISTED
    return say("doctor-channels-more", channels=named, more=more) if more > 0 else named


def _seen(guild: discord.Guild, policy: GuildPolicy, log_channel: int | None, speaks: bool) -> SeenServer:
    logged = guild.get_channel(log_channel) if log_channel else None
    return SeenServer(
        usable=tuple(_usable(guild, policy)),
        channels={one.id: one.category_id or 0 for one in guild.channels},
        roles=frozenset(role.id for role in guild.roles),
        log_lacks=missing(TO_LOG, logged.permissions_for(guild.me).value) if logged else (),
        log_is_open=logged is not None and logged.permissions_for(guild.default_role).view_channel,
        speaks_its_language=speaks,
    )


def _usable(guild: discord.Guild, policy: GuildPolicy) -> Iterable[SeenChannel]:
    """Yield the channels that the server has chosen, or those in which members can use commands if it chose none."""
    members = [role for role in guild.roles if _is_of_members(role)]
    for channel in guild.channels:
        needed = NEEDED.get(channel.type)
        if needed is None or not is_open(policy, of_place(channel)):
            continue
        theirs = (channel.permissions_for(role) for role in members)
        for_members = any(one.view_channel and one.use_application_commands for one in theirs)
        if for_members or policy.places:
            yield SeenChannel(channel.id, needed, channel.permissions_for(guild.me).value, for_members)


def _is_of_members(role: discord.Role) -> bool:
    """Return whether a role is for ordinary members: moderators have channels that the bot does not need to see."""
    can = role.permissions
    return not (role.managed or can.administrator or can.manage_guild or can.manage_messages)
