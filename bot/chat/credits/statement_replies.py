"""The answers to `/statement`, `/easel-admin statement` and `/easel-ops statement`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from typing import Any

import discord

from bot.calendar_periods import day_at
from bot.catalogue.refusals import invalid
from bot.chat.cards.card import Card, MadeFile
from bot.chat.cards.line_embed import line_embed
from bot.chat.credits import statement_card
from bot.chat.credits.statement_card import StatementScope
from bot.chat.credits.statement_pictures import StatementPictures
from bot.chat.discord.interactions import command_of, guild_of, may
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_names import ServerNames
from bot.chat.texts import wording
from bot.chat.texts.escaping import ALT_CHARACTERS
from bot.chat.texts.forecast_texts import outlook
from bot.chat.texts.texts import Speech
from bot.clock import Clock
from bot.funding.forecast import PoolForecasts
from bot.ledger import periods
from bot.ledger.periods import BadPeriod, NamedPeriod, Period
from bot.ledger.pseudonyms import is_pseudonym
from bot.ledger.statements import StatementReader, WrittenStatement
from bot.permissions import ATTACH_FILES
from bot.sizes import MEGABYTE

CSV_BYTES = 7 * MEGABYTE
"""The largest CSV that is sent: below Discord's smallest limit for a file, with room for the chart."""

EXAMPLE = "2026-11-03"

ZoneOfGuild = Callable[[int], Awaitable[tzinfo]]
"""Returns the time zone in which a guild's days and months begin."""


@dataclass(frozen=True, slots=True)
class AskedPeriod:
    """The options of a command that specify a period."""

    name: str | None
    since: str | None
    until: str | None


class StatementReplies:
    """Builds the replies with statements."""

    def __init__(
        self,
        statements: StatementReader,
        pictures: StatementPictures,
        responder: Responder,
        clock: Clock,
        zone_of: ZoneOfGuild,
        forecasts: PoolForecasts,
        server_names: ServerNames,
    ) -> None:
        self._server_names = server_names
        self._statements = statements
        self._pictures = pictures
        self._responder = responder
        self._clock = clock
        self._zone_of = zone_of
        self._forecasts = forecasts

    async def of_member(self, interaction: discord.Interaction[Any], asked: AskedPeriod) -> Card:
        """Show a member's statement in this guild, or in all their guilds together if this is a direct message."""
        guild = interaction.guild_id
        period = self._period(interaction, asked, UTC if guild is None else await self._zone_of(guild))
        written = await self._statements.of_member(
            interaction.user.id, guild, period, most_csv_bytes=_most_bytes(interaction)
        )
        return await self._card(interaction, written, StatementScope.MEMBER)

    async def of_guild(self, interaction: discord.Interaction[Any], asked: AskedPeriod) -> Card:
        """Show the statement of this guild's pool and members."""
        guild = guild_of(interaction)
        period = self._period(interaction, asked, await self._zone_of(guild))
        written = await self._statements.of_guild(guild, period, most_csv_bytes=_most_bytes(interaction))
        card = await self._card(interaction, written, StatementScope.GUILD)
        return card.with_note(outlook(await self._forecasts.of(guild), self._responder.speech(interaction)))

    async def of_all_guilds(self, interaction: discord.Interaction[Any], asked: AskedPeriod) -> Card:
        """Show the statement of all guilds together."""
        period = self._period(interaction, asked, UTC)
        written = await self._statements.of_all_guilds(period, most_csv_bytes=_most_bytes(interaction))
        return await self._card(interaction, written, StatementScope.ALL)

    def _period(self, interaction: discord.Interaction[Any], asked: AskedPeriod, zone: tzinfo) -> Period:
        """Return the requested period, by default the current month. Raises InvalidOrder."""
        command, now_ms = command_of(interaction), self._clock.now_ms()
        if asked.since is None and asked.until is None:
            return periods.named(NamedPeriod(asked.name or NamedPeriod.THIS_MONTH), now_ms, zone)
        given = "since" if asked.since is not None else "until"
        if asked.name is not None:
            raise invalid(command, "period", "two-sources", given)
        first, last = _date(command, "since", asked.since), _date(command, "until", asked.until)
        try:
            return periods.between(first, last, now_ms, zone)
        except BadPeriod as error:
            raise invalid(command, given, f"period-{error.problem}", periods.MOST_DAYS) from error

    async def _card(
        self, interaction: discord.Interaction[Any], written: WrittenStatement, scope: StatementScope
    ) -> Card:
        say, statement = self._responder.speech(interaction), written.statement
        period = statement.period
        head = {"first": period.first.isoformat(), "last": period.last.isoformat(), "zone": str(period.zone)}
        names = await self._server_names.of(interaction.client, [guild for guild, _ in statement.guilds])
        embed = line_embed(statement_card.lines(statement, scope, say, _naming(names, say)), say)
        embed.title = say(f"statement-head-{scope.value}", **head)
        if not may(interaction, ATTACH_FILES):
            return Card(embed=embed).with_note(say("statement-no-files"))
        made: list[MadeFile] = []
        if statement.transfers:
            today = day_at(self._clock.now_ms(), period.zone)
            models = statement_card.charted_models(statement)
            chart = await self._pictures.drawn(statement.days, models, today)
            if chart is not None:
                # An attachment, not the embed's image: only an attachment's alt text is sure to be read out.
                alt = statement_card.alt_text(statement, say, ALT_CHARACTERS)
                made.append(MadeFile("statement.png", chart, alt))
                embed.set_footer(text=say("statement-legend"))
        if written.csv is not None:
            name = f"statement-{period.first.isoformat()}-to-{period.last.isoformat()}.csv"
            return Card(embed=embed, made=(*made, MadeFile(name, written.csv)))
        too_large = say("statement-csv-too-large", size=wording.size(_most_bytes(interaction)))
        return Card(embed=embed, made=tuple(made)).with_note(too_large)


def _date(command: str, option: str, typed: str | None) -> date | None:
    try:
        return None if typed is None else periods.parse_date(typed)
    except ValueError as error:
        raise invalid(command, option, "takes-date", EXAMPLE) from error


def _most_bytes(interaction: discord.Interaction[Any]) -> int:
    return min(CSV_BYTES, interaction.filesize_limit or CSV_BYTES)


def _naming(names: Mapping[int, str], say: Speech) -> Callable[[int], str]:
    def name(guild: int) -> str:
        if is_pseudonym(guild):
            return say("forgotten-server")
        return names.get(guild, str(guild))

    return name
