"""Rephrases refusals of orders with the option names of the command that its reader used."""

from bot.catalogue.refusals import invalid
from bot.chat.discord.command_facts import CommandOptions
from bot.errors import InvalidOrder

NAMING = frozenset({"not-taken", "no-place", "needed-or", "needs", "unless", "exactly-one", "together"})
"""The reasons whose facts name options; those of all others name values."""

NAMELESS = {"not-taken": "not-taken-at-all", "no-place": "no-files", "needed-or": "needed"}
"""The reason to give instead if the command has none of those options."""


def in_words_of(options: CommandOptions, error: InvalidOrder) -> InvalidOrder:
    """Return the same refusal in the words of a command with these options, naming no option that it lacks."""
    facts = {name: str(error.facts.get(name, "")) for name in ("model", "option", "reason", "takes", "has")}
    option, reason, takes = facts["option"], facts["reason"], facts["takes"]
    if not reason:
        return error
    if reason in NAMING:
        named = dict.fromkeys(filter(None, (options.option(name) for name in takes.split(", "))))
        reason, takes = (reason if named else NAMELESS.get(reason, reason)), ", ".join(named)
    return invalid(facts["model"], options.option(option) or option, reason, takes, facts["has"])
