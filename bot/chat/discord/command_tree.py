"""Runs commands whose definitions on Discord may differ from Easel's, and answers interactions that cannot be read.

discord.py 2.7.1 drops options that it does not know: `/imagine pictures:4 engine:…` from a later release would become
one picture from the default model, and an order whose privacy option has another name would be public. It also does not
answer if its parser fails or if it cannot make suggestions (app_commands/tree.py, CommandTree._call).
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any, cast

import discord
from discord import app_commands

from bot.chat.discord import calls
from bot.chat.discord.answering import Answering
from bot.chat.discord.bare_replies import INTERACTION_CREATE, as_sent
from bot.chat.discord.sent_data import Fields, fields, items
from bot.errors import UnreadableRequest
from bot.pending_answers import PendingAnswers
from bot.tracing import NoTracer

SUBCOMMANDS = frozenset({1, 2})
"""The option types of subcommands and their groups."""

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
AnyCommand = app_commands.Command[Any, ..., Any]


class GuardedTree(app_commands.CommandTree[Any]):
    """A command tree that runs a command exactly as it was sent, or refuses it."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(client)
        self.answering = Answering(NoTracer(), PendingAnswers())  # the client replaces it with its own

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Return whether to handle an interaction.

        Raises CommandSignatureMismatch if Discord has other definitions than Easel.
        """
        command = interaction.command
        if isinstance(command, app_commands.Command):
            unknown = tuple(unknown_options(command, sent_options(interaction.data), suggesting=_suggests(interaction)))
            if unknown:
                level = logging.DEBUG if _suggests(interaction) else logging.WARNING  # suggestions are requested often
                log.log(level, "/%s was sent with other options than Easel's: %s", command.qualified_name, unknown)
                raise app_commands.CommandSignatureMismatch(command)
        # Nothing can be suggested outside of guilds, and an error could not be shown.
        return not (_suggests(interaction) and interaction.guild_id is None)

    async def _call(self, interaction: Interaction) -> None:
        if self.answering.ending:  # the bot is closing; the person can send this again in a moment
            return
        with self.answering.of(interaction):
            await self._handle(interaction)

    async def _handle(self, interaction: Interaction) -> None:
        failed: Exception | None = None
        if _suggests(interaction):
            slots: Any = interaction  # the library makes its own response only if this is empty
            slots._cs_response = _Suggestions(interaction)  # noqa: SLF001
        try:
            await super()._call(interaction)
        except Exception as error:  # noqa: BLE001 - explained to the person; what cannot be read is logged
            failed = error
        if _suggests(interaction):
            if not interaction.response.is_done():
                await calls.attempt(_suggest_nothing(interaction))
        elif failed is not None:
            interaction.command_failed = True
            await self._explain(interaction, _explicable(interaction, failed))

    async def _explain(self, interaction: Interaction, error: Exception) -> None:
        try:
            await self.on_error(interaction, cast("app_commands.AppCommandError", error))
        except Exception as fault:  # noqa: BLE001 - such as an interaction without a user
            self.client.dispatch("unreadable_event", INTERACTION_CREATE, as_sent(interaction), fault)


def sent_options(data: object) -> Sequence[Fields]:
    """Return the options that were sent with a command or its subcommand."""
    options = items(fields(data).get("options"))
    while options and fields(options[0]).get("type") in SUBCOMMANDS:
        options = items(fields(options[0]).get("options"))
    return [fields(option) for option in options]


def unknown_options(command: AnyCommand, sent: Sequence[Fields], *, suggesting: bool = False) -> Iterator[str]:
    """Yield the sent options that Easel's definition lacks or defines differently, such as with other choices."""
    known = {one.display_name: one for one in command.parameters}
    for option in sent:
        name, value = str(option.get("name")), option.get("value")
        found = known.get(name)
        focused = suggesting and bool(option.get("focused"))
        if found is None or found.type.value != option.get("type"):
            yield name
        elif focused:
            if not found.autocomplete:
                yield name
        elif found.choices and value not in {choice.value for choice in found.choices}:
            yield f"{name} with a new choice"
        elif not (suggesting or _is_within_limits(found, value)):
            yield f"{name} beyond its limits"


def _is_within_limits(known: app_commands.Parameter, value: object) -> bool:
    """Return whether a whole number is within the limits of Easel's definition, which may not be checked elsewhere.

    Numbers with decimals are checked where their limits are known: by the model, or as an amount of credits.
    """
    if known.type is not discord.AppCommandOptionType.integer:
        return True
    least, most = known.min_value, known.max_value
    return isinstance(value, int) and (least is None or least <= value) and (most is None or value <= most)


class _Suggestions(discord.InteractionResponse[Any]):
    """The answer to a request for suggestions. An answer that Discord does not accept is no longer needed.

    Someone who types is often faster than the answer (10062), and another process may have given it (40060).
    discord.py would log each as an error, with a traceback.
    """

    async def autocomplete(self, choices: Sequence[app_commands.Choice[Any]]) -> None:
        try:
            await calls.with_timeout(super().autocomplete(choices), calls.CALL_S)
        except calls.CALL_ERRORS as error:
            log.info("suggestions were not taken: %s", error or type(error).__name__)
            kept: Any = self
            kept._response_type = discord.InteractionResponseType.autocomplete_result  # noqa: SLF001


def _suggests(interaction: Interaction) -> bool:
    return interaction.type is discord.InteractionType.autocomplete


def _explicable(interaction: Interaction, error: Exception) -> Exception:
    """Return the error to explain: errors of commands are wrapped in subclasses, and others come from the parser."""
    if isinstance(error, app_commands.AppCommandError) and type(error) is not app_commands.AppCommandError:
        return error
    log.warning("interaction %s cannot be read", interaction.id, exc_info=error)
    return UnreadableRequest()


async def _suggest_nothing(interaction: Interaction) -> int:
    await interaction.response.autocomplete([])
    return 0
